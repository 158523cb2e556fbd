export { decideTollFree, type Turns } from './decide-toll-free.ts';
export { tollFreeWords } from './prompts.ts';
