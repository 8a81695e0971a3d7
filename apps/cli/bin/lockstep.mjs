#!/usr/bin/env node
// The bin `lockstep`: the same as `npm run lockstep --`, from any folder.
import '../../../scripts/lockstep.mjs';
