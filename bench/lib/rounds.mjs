// Rounds that are interleaved: each peer once, then each again. So whatever else the machine does meets all alike.

/**
 * @param {string} title
 * @param {number} rounds
 * @param {string[]} peers
 * @param {(peer: string, round: number) => Promise<object | undefined>} measure
 * @returns {Promise<Record<string, object[]>>} what each peer gave in each round
 */
export async function interleaved(title, rounds, peers, measure) {
  const samples = Object.fromEntries(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    for (const peer of peers) samples[peer].push((await measure(peer, round)) ?? null);
    const seconds = Math.round((performance.now() - started) / 1_000);
    console.log(`  ${title}: round ${round + 1} of ${rounds}, ${seconds} s`);
  }
  return samples;
}
