// Loaded into the gateway through NODE_OPTIONS. On SIGUSR2 it collects garbage and writes the bytes that are still in
// use to the file LIVE_HEAP_FILE: what a process holds, where resident memory also counts what it has not given back.
import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const file = process.env.LIVE_HEAP_FILE;
if (file !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(`${file}.new`, String(heapUsed + external));
    renameSync(`${file}.new`, file);
  });
}
