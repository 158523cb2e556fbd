import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { PLANTS } from './plants.ts';

/** Loaded before everything else: the file of the plant that `SITE_PLANT` names is altered as it is read. */
const plant = PLANTS.find(({ name }) => name === process.env['SITE_PLANT']);

if (plant !== undefined) {
  const target = new URL(`../../../${plant.file}`, import.meta.url).href;
  registerHooks({
    load(url, context, next) {
      if (url.split('?')[0] !== target) return next(url, context);
      const text = readFileSync(fileURLToPath(target), 'utf8');
      if (text.split(plant.find).length !== 2) {
        throw new Error(`plant ${plant.name}: its place is not in ${plant.file} exactly once`);
      }
      const source = stripTypeScriptTypes(text.replace(plant.find, () => plant.put));
      process.stderr.write(`planted: ${plant.name}\n`);
      return { format: 'module', source, shortCircuit: true };
    },
  });
}
