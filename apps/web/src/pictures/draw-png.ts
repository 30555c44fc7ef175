import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

const file = (specifier: string): Promise<Buffer> => readFile(fileURLToPath(import.meta.resolve(specifier)));

let ready: Promise<{ readonly fonts: readonly Buffer[] }> | undefined;

/** Draws an SVG as PNG, `width` pixels wide, with the letters that came along. The only file that knows the drawing library. */
export async function drawPng(svg: string, width: number): Promise<Uint8Array<ArrayBuffer>> {
  ready ??= prepare();
  const { fonts } = await ready;
  const drawing = new Resvg(svg, {
    fitTo: { mode: "width", value: width },
    font: { fontBuffers: [...fonts], defaultFontFamily: "DejaVu Sans" },
  });
  try {
    return new Uint8Array(drawing.render().asPng());
  } finally {
    drawing.free();
  }
}

async function prepare(): Promise<{ readonly fonts: readonly Buffer[] }> {
  await initWasm(await file("@resvg/resvg-wasm/index_bg.wasm"));
  return { fonts: await Promise.all(["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => file(`dejavu-fonts-ttf/ttf/${name}`))) };
}
