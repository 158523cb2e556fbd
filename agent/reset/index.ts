export { finishReset, type ResetOrder, resetFolder } from './reset-folder.ts';
export { type ResetTools, type ResetView, resetTools, type WipeView } from './reset-tools.ts';
export { orderWipe } from './wipe.ts';
