#!/usr/bin/env node
// `npx engawa`: the technician's command, under the pinned Node whatever Node started it.
import { runPinned } from './setup/run-pinned.mjs';

runPinned('agent/cli/main.ts');
