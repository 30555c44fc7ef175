/** A text to hide tokens of. Where it has a word, the first position predicts that word's first token: a gloss read as the meaning of a hidden word. */
export type TextRow = string | { readonly text: string; readonly word?: string };
