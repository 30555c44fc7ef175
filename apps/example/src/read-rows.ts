/** Sentences with their labels, from lines such as "good: what a lovely day"; lines without a label are left out. */
export function readRows(text: string): { text: string; label: string }[] {
  return text.split("\n").flatMap((line) => {
    const [, label = "", sentence = ""] = /^\s*([^:]+?)\s*:\s*(.+?)\s*$/.exec(line) ?? [];
    return label === "" ? [] : [{ label, text: sentence }];
  });
}
