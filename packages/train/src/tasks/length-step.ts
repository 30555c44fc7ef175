/** Batches are padded to a multiple of so many tokens: few shapes, and little padding. */
export const LENGTH_STEP = 8;
