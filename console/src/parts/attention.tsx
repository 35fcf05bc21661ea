// What a person has to do something about.

import { address } from "../route";
import { state } from "../store";

export function Attention() {
  const all = state.value?.attention ?? [];
  if (all.length === 0) return null;
  return (
    <section class="attention">
      <h2>What needs you?</h2>
      <ul>
        {all.map(({ what, todo, page }) => (
          <li key={what}>
            <strong>{what}</strong> {todo} {page && page !== address("now") && <a href={page}>Look there</a>}
          </li>
        ))}
      </ul>
    </section>
  );
}
