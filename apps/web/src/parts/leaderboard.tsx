import type { VersionRecord } from "@graft/protocol";
import { LINKS } from "./links.ts";
import { count } from "./size.ts";
import { written } from "./written.ts";

/** Results that authors declared, task by task and best first. Only runs on the same rows can be compared, so the data stands beside each. */
export function Leaderboard({ records }: { readonly records: readonly VersionRecord[] }) {
  const lines = records.flatMap((record) => {
    const { training, task } = record.manifest;
    const [metric] = Object.entries(training?.metrics ?? {}).filter(([name]) => name !== "loss");
    const rows = training?.evaluation;
    return metric === undefined || rows === undefined ? [] : [{ record, task: task.type, metric: metric[0], value: metric[1], rows }];
  });
  const groups = Map.groupBy(lines, ({ task, metric, rows }) => `${task} ${metric} ${rows.digest}`);
  return (
    <>
      {[...groups.values()].map((group) => {
        const [{ task, metric, rows }] = group as [(typeof group)[number]];
        return (
          <div class="scroll">
            <table>
              <caption>
                Declared results: {task}, {metric} on the same {count(rows.rows)} rows (
                <code title={rows.digest}>{rows.digest.slice(7, 15)}</code>)
              </caption>
              <thead>
                <tr>
                  <th scope="col">Adapter</th>
                  <th scope="col">Method</th>
                  <th scope="col" class="number">
                    {metric}
                  </th>
                </tr>
              </thead>
              <tbody>
                {group
                  .toSorted((one, other) => other.value - one.value)
                  .map(({ record, value }) => (
                    <tr>
                      <th scope="row">
                        <a href={LINKS.adapter(record.name, record.version)}>
                          {record.name} {record.version}
                        </a>
                      </th>
                      <td>{record.manifest.method.name}</td>
                      <td class="number">{written(value)}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        );
      })}
    </>
  );
}
