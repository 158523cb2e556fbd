export { decideTollFree, type Turns } from './decide-toll-free.ts';
export { afterHoursWords } from './prompts.ts';
