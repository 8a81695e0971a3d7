/** Every rule by its name, for the tests of the house and for the tests of the rules. */
import { borders, dependencies, paths, vendors } from './borders.ts';
import { cycles } from './cycles.ts';
import { enginePurity, environment, exported, length, purity, testing, workflowImports } from './ground-rules.ts';
import type { Rule } from './rule.ts';

export const RULES: Readonly<Record<string, Rule>> = {
  borders,
  paths,
  vendors,
  dependencies,
  cycles,
  purity,
  enginePurity,
  workflowImports,
  environment,
  length,
  exported,
  testing,
};
