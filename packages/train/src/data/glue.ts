import type { ColumnRole, DataRecord } from "./columns.ts";

/** How the files of one of GLUE's tasks are laid out: tab-separated, quotes mean nothing. */
export interface GlueLayout {
  readonly task: "text-classification" | "regression";
  /** Names of the columns where a file has no header, and how one is known: all names of `roles` are in it. */
  readonly columns: readonly string[];
  readonly roles: Readonly<Partial<Record<ColumnRole, string>>>;
  /** The file of the rows held out; dev.tsv by default. */
  readonly held?: string;
}

const SENTENCES = { text: "sentence1", pair: "sentence2", label: "label" } as const;

/** The layouts by the name of the folder, as GLUE's own archives have them. */
const GLUE: Readonly<Record<string, GlueLayout>> = {
  CoLA: {
    task: "text-classification",
    columns: ["source", "label", "original_label", "sentence"],
    roles: { text: "sentence", label: "label" },
  },
  "SST-2": { task: "text-classification", columns: ["sentence", "label"], roles: { text: "sentence", label: "label" } },
  MRPC: {
    task: "text-classification",
    columns: ["Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"],
    roles: { text: "#1 String", pair: "#2 String", label: "Quality" },
  },
  "STS-B": {
    task: "regression",
    columns: ["index", "genre", "filename", "year", "old_index", "source1", "source2", "sentence1", "sentence2", "score"],
    roles: { text: "sentence1", pair: "sentence2", score: "score" },
  },
  QQP: {
    task: "text-classification",
    columns: ["id", "qid1", "qid2", "question1", "question2", "is_duplicate"],
    roles: { text: "question1", pair: "question2", label: "is_duplicate" },
  },
  MNLI: {
    task: "text-classification",
    columns:
      "index promptID pairID genre sentence1_binary_parse sentence2_binary_parse sentence1_parse sentence2_parse sentence1 sentence2 label1 gold_label".split(
        " ",
      ),
    roles: { text: "sentence1", pair: "sentence2", label: "gold_label" },
    held: "dev_matched.tsv",
  },
  QNLI: {
    task: "text-classification",
    columns: ["index", "question", "sentence", "label"],
    roles: { text: "question", pair: "sentence", label: "label" },
  },
  RTE: { task: "text-classification", columns: ["index", "sentence1", "sentence2", "label"], roles: SENTENCES },
  WNLI: { task: "text-classification", columns: ["index", "sentence1", "sentence2", "label"], roles: SENTENCES },
};

/** The layout of a folder called like one of GLUE's tasks, in whatever case and with or without its hyphen. */
export function glueNamed(folder: string): GlueLayout | undefined {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, "");
  return Object.entries(GLUE).find(([name]) => plain(name) === plain(folder))?.[1];
}

/** A record under the names of what its columns are for. */
export function glueRecord(record: DataRecord, { roles }: GlueLayout): DataRecord {
  return Object.fromEntries(Object.entries(roles).map(([role, name]) => [role, record[name]]));
}
