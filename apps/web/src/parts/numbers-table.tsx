import { written } from "./written.ts";

/** Named numbers as a table, in the order they were given. */
export function NumbersTable({ caption, numbers }: { readonly caption: string; readonly numbers: Readonly<Record<string, number>> }) {
  return (
    <div class="scroll">
      <table>
        <caption>{caption}</caption>
        <tbody>
          {Object.entries(numbers).map(([name, value]) => (
            <tr>
              <th scope="row">{name}</th>
              <td class="number">{written(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
