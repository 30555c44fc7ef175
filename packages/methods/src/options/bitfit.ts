/** `bitfit`: every bias of the base is trained, those of its normalisations included (arXiv 2106.10199). */
export interface BitfitOptions {
  readonly name: "bitfit";
}
