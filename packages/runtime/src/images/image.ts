/** An image in memory: red, green and blue of each pixel, or one value of each; row by row. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** [height, width, channels] */
  readonly data: Uint8Array;
}
