// Interleaved rounds: each round measures each peer once, so that a busy moment of the machine meets all peers.

/**
 * @param {string} title
 * @param {number} rounds
 * @param {string[]} peers
 * @param {(peer: string, round: number) => Promise<object | undefined>} measure
 * @returns {Promise<Record<string, (object | null)[]>>} the figures of each peer by round, `null` for a round that broke
 */
export async function interleaved(title, rounds, peers, measure) {
  const samples = Object.fromEntries(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    // Each round starts with another peer: no peer always runs after the same one.
    const first = round % peers.length;
    for (const peer of [...peers.slice(first), ...peers.slice(0, first)])
      samples[peer].push((await measure(peer, round)) ?? null);
    const seconds = Math.round((performance.now() - started) / 1_000);
    console.log(`  ${title}: round ${round + 1} of ${rounds}, ${seconds} s`);
  }
  return samples;
}
