// The checker's and the library's sentences in Chinese. What is not known here is shown as the server said it.

const PATTERNS = [
  [/^The address (.+) is not in the cited paragraph\.$/, "网址 $1 在所引段落中没有。"],
  [/^(.+) is not in the cited paragraph\.$/, "“$1”在所引段落中没有。"],
  [
    /^(.+) is not in the cited paragraph; the passage nearest to it has (.+)\.$/,
    "“$1”在所引段落中没有，最接近之处写的是“$2”。",
  ],
  [/^(.+) is only approximate in the cited paragraph\.$/, "“$1”在所引段落中只是约数。"],
  [/^(.+) is said of something else in the cited paragraph\.$/, "“$1”在所引段落中说的是别的事。"],
  [/^The cited paragraph says (.+) of what the sentence says (.+) of\.$/, "这句话说“$2”的，所引段落说的是“$1”。"],
  [/^The cited paragraph says (.+), not (.+)\.$/, "所引段落写的是“$1”，不是“$2”。"],
  [/^The cited paragraph says it the other way round\.$/, "所引段落说的正好相反。"],
  [/^The cited paragraph has these words in another order\.$/, "所引段落中这些词的次序不同。"],
  [/^The cited paragraph has no words for: (.+)\.$/, "所引段落中没有与这些词对应的说法：$1。"],
  [/^The cited paragraph speaks of something else\.$/, "所引段落说的是另一回事。"],
  [/^One of the two is negated, the sentence or the cited paragraph\.$/, "这句话与所引段落一肯定一否定。"],
  [/^No source is cited\.$/, "没有注明出处。"],
  [/^It is longer than (\d+) characters, too long to be checked\.$/, "这句话超过 $1 字，无法核对。"],
  [
    /^It is not the cited paragraph but another \(under (.+?)\) that says so: (.*)$/s,
    "说到这一点的不是原来所引的段落，而是“$1”下的另一段：$2",
  ],
  [/^It is not the cited paragraph but another that says so: (.*)$/s, "说到这一点的不是原来所引的段落，而是另一段：$1"],
  [
    /^The cited paragraph also gives orders to language models; read it with care\.$/,
    "所引段落还夹有给语言模型的指令，请谨慎阅读。",
  ],

  [
    /^No sentence of the model's reply is supported by the sources\. The documents are quoted instead\.$/,
    "模型的回答在原文中找不到依据，以下改为直接摘录原文。",
  ],
  [
    /^Not every sentence of the model is supported; the documents' own words follow it\.$/,
    "模型的回答并非句句有依据，原文摘录附在其后。",
  ],
  [/^The model says little beyond the question; the documents' own words follow it\.$/, "模型的回答几乎没有超出问题本身，原文摘录附在其后。"],
  [/^(.+)\. The documents are quoted instead\.$/s, "模型没有给出可用的回答，以下改为直接摘录原文。（$1）"],
  [
    /^(\d+) sentence\(s\) that the cited paragraph does not support were left out\.$/,
    "有 $1 句在所引段落中没有依据，已略去。",
  ],
  [/^The reply was cut off at the endpoint's limit of tokens\.$/, "回答达到模型的长度上限，被截断。"],
  [/^The reply was cut off by the endpoint's content filter\.$/, "回答被模型服务的内容过滤截断。"],
  [
    /^The endpoint did not say that the reply was finished; it may be incomplete\.$/,
    "模型服务没有说明回答已经结束，内容可能不完整。",
  ],
  [/^No sentence of what was shown is supported by the sources\.$/, "先前显示的内容在原文中找不到依据。"],
  [/^The model found no answer in the sources\.$/, "模型在原文中没有找到答案。"],
  [/^What the model wrote first was not its answer\.$/, "模型先写的内容不是它的答案。"],

  [
    /^its type is not supported(?: \(supported: (.+)\))?\.?$/,
    (_, types) => `不支持这种类型${types ? `（支持 ${types}）` : ""}`,
  ],
  [/^it is larger than (.+); split it\.?$/, "文件大于 $1，请拆分"],
  [/^it is empty\.?$/, "文件是空的"],
  [/^it holds no paragraph\.?$/, "其中没有段落"],
  [/^it is a binary file, not text\.?$/, "它是二进制文件，不是文本"],
  [
    /^it is a binary file, or text in an unknown encoding; save it as UTF-8\.?$/,
    "它是二进制文件，或编码无法识别，请另存为 UTF-8",
  ],
  [/^it starts like (.+) but is damaged; save it again as UTF-8\.?$/, "开头像 $1，但内容已损坏，请重新另存为 UTF-8"],
  [/^it was not read$/, "没有读取"],
  [/^it cannot be read \((.+)\)\.?$/, "无法读取（$1）"],
  [/^there is no such file or folder\.?$/, "没有这个文件或文件夹"],

  [/^(?:'.*'|".*") is empty\.$/s, "文件是空的"],
  [/^(?:'.*'|".*") is of a type that is not read \(read are: (.+)\)\.$/s, "不支持这种类型（支持 $1）"],
  [/^(?:'.*'|".*") is larger than (.+); split it\.$/s, "文件大于 $1，请拆分"],
  [/^(?:'.*'|".*") is an archive; unpack it and upload the files\.$/s, "这是压缩包，请解压后上传其中的文件"],
  [/^(?:'.*'|".*") is damaged\.$/s, "文件已损坏"],
  [/^(?:'.*'|".*") unpacks to more than (.+)\.$/s, "解压后大于 $1"],
  [/^An uploaded file has no usable name; .+$/, "文件名无法使用，请改名"],
];

/** "No source is cited." -> "没有注明出处。" */
export function inChinese(sentence) {
  for (const [pattern, chinese] of PATTERNS) if (pattern.test(sentence)) return sentence.replace(pattern, chinese);
  return sentence;
}
