/**
 * A sum of products over integer unknowns: from the factors of a product, joined by newlines, to its coefficient.
 * The empty key is the constant. A factor is a name or a call such as "floor(height/2)".
 */
export type Polynomial = ReadonlyMap<string, number>;

const SEPARATOR = "\n";
const TOKEN = /\s*(\d+|[^\s+\-*/(),]+|[+\-*()])/y;

/** The factors of one product. */
export function factors(product: string): string[] {
  return product === "" ? [] : product.split(SEPARATOR);
}

/** A number as a polynomial. */
export function constant(value: number): Polynomial {
  return value === 0 ? new Map() : new Map([["", value]]);
}

/** a + scale · b. */
export function addScaled(a: Polynomial, b: Polynomial, scale: number): Polynomial {
  const sum = new Map(a);
  for (const [product, coefficient] of b) {
    const total = (sum.get(product) ?? 0) + scale * coefficient;
    if (total === 0) sum.delete(product);
    else sum.set(product, total);
  }
  return sum;
}

/** a · b. */
export function multiply(a: Polynomial, b: Polynomial): Polynomial {
  let result: Polynomial = new Map();
  for (const [left, first] of a) {
    const terms = new Map<string, number>();
    for (const [right, second] of b) terms.set([...factors(left), ...factors(right)].sort().join(SEPARATOR), first * second);
    result = addScaled(result, terms, 1);
  }
  return result;
}

/** a / b when it comes out even as a polynomial, else undefined. */
export function divideExactly(a: Polynomial, b: Polynomial): Polynomial | undefined {
  const [leading] = ordered(b);
  if (leading === undefined) return undefined;
  let rest = a;
  let quotient: Polynomial = new Map();
  while (rest.size > 0) {
    const term = divideTerm(ordered(rest)[0] as [string, number], leading);
    if (term === undefined) return undefined;
    quotient = addScaled(quotient, term, 1);
    rest = addScaled(rest, multiply(term, b), -1);
  }
  return quotient;
}

function divideTerm([product, coefficient]: readonly [string, number], [divisor, by]: readonly [string, number]): Polynomial | undefined {
  if (coefficient % by !== 0) return undefined;
  const left = factors(product);
  for (const factor of factors(divisor)) {
    const index = left.indexOf(factor);
    if (index < 0) return undefined;
    left.splice(index, 1);
  }
  return new Map([[left.join(SEPARATOR), coefficient / by]]);
}

/** Terms by falling degree, then by name: an order that multiplication keeps. */
export function ordered(a: Polynomial): [string, number][] {
  return [...a].sort(([left], [right]) => factors(right).length - factors(left).length || (left < right ? -1 : left > right ? 1 : 0));
}

/** The one text of a polynomial: "batch*12", "sequence+1", "past+sequence". */
export function format(a: Polynomial): string {
  let text = "";
  for (const [product, coefficient] of ordered(a)) {
    const names = factors(product);
    const size = Math.abs(coefficient);
    const term = [...names, ...(size === 1 && names.length > 0 ? [] : [String(size)])].join("*");
    text += coefficient < 0 ? `-${term}` : text === "" ? term : `+${term}`;
  }
  return text === "" ? "0" : text;
}

/** Reads an expression; one in a notation unknown here becomes a name of its own. */
export function parse(text: string): Polynomial {
  const parser = new Parser(text);
  const result = parser.sum();
  return result !== undefined && parser.done() ? result : new Map([[text.trim(), 1]]);
}

class Parser {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  done(): boolean {
    return this.#text.slice(this.#position).trim() === "";
  }

  sum(): Polynomial | undefined {
    let sign = this.#take("-") ? -1 : 1;
    let total: Polynomial = new Map();
    for (;;) {
      const term = this.#product();
      if (term === undefined) return undefined;
      total = addScaled(total, term, sign);
      if (this.#take("+")) sign = 1;
      else if (this.#take("-")) sign = -1;
      else return total;
    }
  }

  #product(): Polynomial | undefined {
    let result = this.#factor();
    while (result !== undefined && this.#take("*")) {
      const next = this.#factor();
      result = next === undefined ? undefined : multiply(result, next);
    }
    return result;
  }

  #factor(): Polynomial | undefined {
    if (this.#take("(")) {
      const inner = this.sum();
      return inner !== undefined && this.#take(")") ? inner : undefined;
    }
    const token = this.#next();
    if (token === undefined || "+-*()".includes(token)) return undefined;
    if (/^\d+$/.test(token)) return constant(Number(token));
    return new Map([[token + (this.#text[this.#position] === "(" ? this.#parentheses() : ""), 1]]);
  }

  /** The text of a call's arguments, with their parentheses. */
  #parentheses(): string {
    const start = this.#position;
    let depth = 0;
    do {
      const character = this.#text[this.#position++];
      depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    } while (depth > 0 && this.#position < this.#text.length);
    return this.#text.slice(start, this.#position).replaceAll(/\s/g, "");
  }

  #next(): string | undefined {
    TOKEN.lastIndex = this.#position;
    const match = TOKEN.exec(this.#text);
    if (match === null) return undefined;
    this.#position = TOKEN.lastIndex;
    return match[1];
  }

  #take(wanted: string): boolean {
    const start = this.#position;
    if (this.#next() === wanted) return true;
    this.#position = start;
    return false;
  }
}
