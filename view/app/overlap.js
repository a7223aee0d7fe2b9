/**
 * After a restart of the server, or when another instance answers, the whole history arrives with a new epoch. The page may already
 * have some of it. Both received the same records in the same order, so the page's records end somewhere inside the
 * history. The numbers can't be compared, but the contents can.
 *
 * overlap returns how many records at the start of the new history the page already has: the longest run that ends at the
 * page's last record. Both lists are hashes, oldest first. One instance may have records that another one missed, so a run need not
 * extend beyond a gap in either list.
 * @param {ArrayLike<number>} here
 * @param {ArrayLike<number>} history
 * @param {number} unbroken how many records of here are behind its last gap
 * @param {Set<number>} gaps the records of the history that follow a gap
 */
export function overlap(here, history, unbroken = here.length, gaps = new Set()) {
  const n = here.length;
  const m = history.length;
  if (n === 0 || m === 0) return 0;
  // Z function over here reversed, then history reversed: z[i] is how far the text from i agrees with the end of here.
  const size = n + m;
  const at = (/** @type {number} */ i) => (i < n ? here[n - 1 - i] : history[m - 1 - (i - n)]);
  const z = new Int32Array(size);
  let left = 0;
  let right = 0;
  for (let i = 1; i < size; i++) {
    let k = i < right ? Math.min(right - i, z[i - left]) : 0;
    while (i + k < size && k < n && at(k) === at(i + k)) k++;
    z[i] = k;
    if (i + k > right) {
      left = i;
      right = i + k;
    }
  }
  let best = 0;
  let length = 0;
  let start = 0; // of the part after the last gap of the history
  for (let p = 0; p < m; p++) {
    if (gaps.has(p)) start = p;
    // The run that ends at history[p] must reach back to the start of one of the two, or to a gap.
    const run = z[n + (m - 1 - p)];
    if (run > length && run >= Math.min(p + 1 - start, unbroken)) {
      length = run;
      best = p + 1;
    }
  }
  return best;
}

/**
 * hash returns 52 bits over texts: enough to avoid collisions among 100,000 records.
 * @param {...string} texts
 */
export function hash(...texts) {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (const text of texts) {
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      a = Math.imul(a ^ c, 0x01000193);
      b = Math.imul(b ^ c, 0x5bd1e995);
      b ^= b >>> 15;
    }
    a = Math.imul(a ^ 0x1ff, 0x01000193);
    b = Math.imul(b ^ text.length, 0x5bd1e995);
  }
  return (a >>> 0) * 0x100000 + ((b ^ (b >>> 13)) >>> 12);
}
