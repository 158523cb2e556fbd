export { decideTollFree, type Turns } from './decide-toll-free.ts';
export { guidanceNotes, TOLL_FREE_PROMPTS, tollFreeWords } from './prompts.ts';
