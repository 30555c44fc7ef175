import { invalid } from "./invalid.ts";
import { LIMITS } from "./limits.ts";

const U64_END = 2n ** 64n;

/** What kind of value comes next in the text. */
export type JsonKind = "object" | "array" | "string" | "number" | "word" | "nothing";

const KINDS: Readonly<Record<string, JsonKind>> = {
  "{": "object",
  "[": "array",
  '"': "string",
  t: "word",
  f: "word",
  n: "word",
  "-": "number",
};
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

/**
 * Reads JSON value by value, as strictly as the reference's parser.
 * JSON.parse would hide duplicate keys, accept 2.0 for 2, round above 2^53 and lose `__proto__`.
 */
export class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Position in the text, in UTF-16 units. */
  get position(): number {
    return this.#at;
  }

  /** Skips white space and says what comes next. */
  peek(): JsonKind {
    this.skipSpace();
    const character = this.#text[this.#at] ?? "";
    return KINDS[character] ?? (character >= "0" && character <= "9" ? "number" : "nothing");
  }

  skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  /** Walks an object; `member` must read exactly one value. */
  object(member: (key: string) => void): void {
    this.#list("{", "}", () => {
      if (this.peek() !== "string") throw this.error("a key is no string");
      const key = this.string();
      this.#expect(":");
      member(key);
    });
  }

  /** Walks an array; `item` must read exactly one value. */
  array(item: () => void): void {
    this.#list("[", "]", item);
  }

  string(): string {
    this.#expect('"');
    let value = "";
    let parts: string[] = [];
    let start = this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) throw this.error("a string has no end");
      if (code < 0x20) throw this.error("a string holds a raw control character");
      if (code === 0x22) break;
      this.#at += 1;
      if (code !== 0x5c) continue;
      parts.push(this.#text.slice(start, this.#at - 1), this.#escape());
      start = this.#at;
      // Millions of escapes one by one would take twenty times their size in small strings.
      if (parts.length >= 4096) {
        value += parts.join("");
        parts = [];
      }
    }
    value += parts.join("") + this.#text.slice(start, this.#at);
    this.#at += 1;
    return value;
  }

  /** An integer from 0 to 2^64 - 1: a bigint where a number would round. */
  unsigned(): number | bigint {
    this.skipSpace();
    const small = this.#smallInteger();
    if (small !== undefined) return small;
    const text = this.number();
    if (!/^[0-9]+$/.test(text)) throw this.error(`${text.slice(0, 40)} is no unsigned integer`);
    const value = Number(text);
    if (Number.isSafeInteger(value)) return value;
    const exact = text.length > 20 ? U64_END : BigInt(text);
    if (exact >= U64_END) throw this.error(`${text.slice(0, 40)} does not fit 64 bits`);
    return exact;
  }

  /** Any number, as it is spelled. */
  number(): string {
    this.skipSpace();
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) throw this.error("want a number");
    this.#at += text.length;
    const next = this.#text[this.#at] ?? "";
    // "01", "1." and "1e" leave a rest that no value can be followed by; Infinity is what the reference calls out of range.
    if (/[0-9.eE+-]/.test(next)) throw this.error("a number is malformed");
    if (!Number.isFinite(Number(text))) throw this.error("a number is out of range");
    return text;
  }

  /** `null`, which must be next. */
  null(): void {
    if (this.#word() !== "null") throw this.error("want null");
  }

  /** Reads a value of any kind and forgets it. */
  skip(): void {
    const kind = this.peek();
    if (kind === "object") this.object(() => this.skip());
    else if (kind === "array") this.array(() => this.skip());
    else if (kind === "string") this.string();
    else if (kind === "number") this.number();
    else if (kind === "word") this.#word();
    else throw this.error("want a value");
  }

  /** Checks that only white space is left. */
  end(): void {
    this.skipSpace();
    if (this.#at < this.#text.length) throw this.error("something follows the JSON");
  }

  error(why: string): Error {
    return invalid("InvalidHeaderDeserialization", `${why}, at character ${this.#at} of the header`);
  }

  /** The common case without a regular expression: up to fifteen digits before a comma or a bracket; else nothing is read. */
  #smallInteger(): number | undefined {
    let value = 0;
    let at = this.#at;
    for (; at < this.#at + 15; at += 1) {
      const digit = this.#text.charCodeAt(at) - 0x30;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    const digits = at - this.#at;
    const next = this.#text[at];
    if (digits === 0 || (digits > 1 && this.#text[this.#at] === "0") || (next !== "," && next !== "]")) return undefined;
    this.#at = at;
    return value;
  }

  #list(open: string, close: string, entry: () => void): void {
    this.#expect(open);
    this.#depth += 1;
    if (this.#depth > LIMITS.depth) throw this.error(`the JSON is nested deeper than ${LIMITS.depth}`);
    this.skipSpace();
    if (this.#text[this.#at] !== close) {
      for (;;) {
        entry();
        this.skipSpace();
        if (this.#text[this.#at] !== ",") break;
        this.#at += 1;
      }
    }
    this.#expect(close);
    this.#depth -= 1;
  }

  #expect(character: string): void {
    this.skipSpace();
    if (this.#text[this.#at] !== character) throw this.error(`want ${character}`);
    this.#at += 1;
  }

  #word(): string {
    this.skipSpace();
    const word = ["null", "true", "false"].find((candidate) => this.#text.startsWith(candidate, this.#at));
    if (word === undefined) throw this.error("want a value");
    this.#at += word.length;
    return word;
  }

  #escape(): string {
    const letter = this.#text[this.#at] ?? "";
    this.#at += 1;
    if (letter !== "u") {
      const plain = ESCAPES[letter];
      if (plain === undefined) throw this.error("a string holds an unknown escape");
      return plain;
    }
    const first = this.#hex();
    if (first < 0xd800 || first > 0xdfff) return String.fromCharCode(first);
    if (first > 0xdbff || !this.#text.startsWith("\\u", this.#at)) throw this.error("a string holds half a surrogate pair");
    this.#at += 2;
    const second = this.#hex();
    if (second < 0xdc00 || second > 0xdfff) throw this.error("a string holds half a surrogate pair");
    return String.fromCharCode(first, second);
  }

  #hex(): number {
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.error("a string holds a malformed escape");
    this.#at += 4;
    return Number.parseInt(digits, 16);
  }
}
