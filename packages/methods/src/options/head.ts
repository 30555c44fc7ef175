/** `head`: only the task's head is trained. */
export interface HeadOptions {
  readonly name: "head";
}
