import type { Attachment } from "../attach-adapters.ts";
import type { TargetMatch } from "../match-targets.ts";
import type { AttachSlot } from "../method.ts";
import { methodNamed } from "../methods.ts";

/** A layer that adapters have branches at, and the inputs that these need. */
export interface AttachPlace {
  readonly match: TargetMatch;
  readonly slots: ReadonlySet<AttachSlot>;
}

/** Where any of the adapters has a branch, by the output of the layer; adapters with the same target share a place. */
export function attachPlaces(attachments: readonly Attachment[]): ReadonlyMap<string, AttachPlace> {
  const places = new Map<string, { readonly match: TargetMatch; readonly slots: Set<AttachSlot> }>();
  for (const { manifest, matches } of attachments) {
    const attachment = methodNamed(manifest.method.name)?.attachment;
    for (const match of matches) {
      const site = match.uses[0].output;
      const place = places.get(site) ?? { match, slots: new Set<AttachSlot>() };
      for (const slot of attachment?.slots(match.target) ?? []) place.slots.add(slot);
      places.set(site, place);
    }
  }
  return places;
}
