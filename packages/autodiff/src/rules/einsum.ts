import { stringAttribute } from "@graft/onnx";
import { withoutGradient } from "../errors.ts";
import type { Rule } from "../rule.ts";

/** The gradient of an operand is the Einsum of dy with the other operands; indices that only it has are stretched over. */
export const einsum: Rule = (g, { node, dy, y, inputs }) => {
  const [terms, result] = parse(stringAttribute(node, "equation", ""));
  if (terms.length !== inputs.length || [...terms, result].some((term) => new Set(term).size < term.length)) {
    throw withoutGradient(node, "has no gradient rule for an operand with repeated indices");
  }
  if (terms.some((term, index) => term.includes("…") && g.rank(inputs[index] ?? "") - term.length !== g.rank(y) - result.length)) {
    throw withoutGradient(node, "has no gradient rule for operands whose ellipses stand for other numbers of axes");
  }
  return inputs.map((input, index) => () => {
    const term = terms[index] ?? "";
    const others = inputs.flatMap((other, position) => (position === index ? [] : [{ other, term: terms[position] ?? "" }]));
    const reachable = new Set([...result, ...others.flatMap((entry) => [...entry.term])]);
    const kept = [...term].filter((letter) => reachable.has(letter)).join("");
    const left = [result, ...others.map((entry) => entry.term)].join(",");
    const gradient = g.op("Einsum", [dy, ...others.map(({ other }) => other)], { equation: `${left}->${kept}`.replaceAll("…", "...") });
    if (kept === term) return gradient;
    const alone = [...term].flatMap((letter, axis) =>
      reachable.has(letter) ? [] : [term.includes("…") && axis > term.indexOf("…") ? axis - term.length : axis],
    );
    return g.op("Expand", [g.unsqueeze(gradient, alone), g.shapeOf(input)]);
  });
};

/** The terms of the operands and of the result; an ellipsis is one letter. Without an arrow the result has the letters that occur once. */
function parse(equation: string): [terms: string[], result: string] {
  const [left = "", right] = equation.replaceAll(" ", "").replaceAll("...", "…").split("->");
  const letters = [...left.replaceAll(",", "")];
  const implied = letters
    .filter((letter) => letter !== "…" && letters.filter((other) => other === letter).length === 1)
    .sort()
    .join("");
  return [left.split(","), right ?? (letters.includes("…") ? `…${implied}` : implied)];
}
