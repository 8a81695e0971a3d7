import { tourNotion } from './notion-tour.ts';
import { notionWords } from './notion-words.ts';
import { notionLimits } from './limits.ts';
import { contractLaws } from './suite.ts';

contractLaws(
  {
    name: 'Notion',
    tool: 'notion',
    tour: tourNotion,
    words: notionWords,
    limits: notionLimits,
    posted: 'POST /v1/data_sources/{data_source_id}/query',
    uncovered: [],
  },
  () => undefined,
);
