/** A text, or two, with its label. */
export interface LabelledRow {
  readonly text: string;
  readonly pair?: string;
  readonly label: string;
}
