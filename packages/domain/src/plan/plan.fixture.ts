/** Plans for tests, in our own words: one with every kind of item, one in spec-kit's form. */
export const BAKERY_PLAN = `---
title: Bakery
---

# Our bakery: plan

Prose with a table of something else.

| Check | Target | Action if Miss |
|-------|--------|----------------|
| **Flour** | 20 kg | Order |

## A. Rituals

| Ritual | Cadence | Duration | Attendees | Purpose |
|--------|---------|----------|-----------|---------|
| **Morning talk** | Daily, 6:00 | 10 min | Bakers | Who does what |
| **Tasting** | Fridays | 30 min | All | Decide on one new bread |

## B. Phases and Gates

### Phase 1: Oven (Weeks 1–4)
**Objective:** Bake the first bread; keep it simple.

| Deliverable | Owner | Entry Criteria | Exit Criteria | Metrics |
|-------------|-------|---|---|---------|
| **Oven** | Head Baker + Owner | Rent signed | Oven is warm | 230 °C in 20 min |
| **Recipe book** | Head Baker | Flour chosen | Ten recipes \\| two sweet | All tried twice<br>by two people |

**Exit Gate:** Ten breads sold on one day. Everyone agrees.

---

### Phase 2: Shop (Weeks 5–9)
**Objective:** Sell what we bake.

| Deliverable | Owner | Entry Criteria | Exit Criteria | Metrics |
|-------------|-------|---|---|---------|
| **Counter** | Owner | Oven works | Counter stands | Queue below 5 min |

**Exit Gate:** A hundred customers.

## C. Backlog

| Phase | Task | Owner | Dependencies | Definition of Done | Verification Metric |
|-------|------|-------|---|---|---|
| **Phase 1** | Buy the oven (used) | Owner | Rent contract | Oven stands | Invoice |
| **Phase 1** | Test ten bread recipes | Head Baker | Used oven bought | Notes for each | Two tasters agree |
| **Phase 2** | Paint the counter | Owner + Painter | Ten recipes tested; paint | Two coats | No drips |

## D. PDCA Loops

### D.1 Weekly bake (Every Monday, 45 min)

**Participants:** Bakers, Owner

- What sold?
- What did not?

## E. Hygiene Checklist

### E.1 Before opening

- [ ] **Hands:** washed for a minute
- [x] Floor is dry
- [ ] **Fridge:**
  - [ ] Below 7 degrees
  - [ ] Nothing on the floor

### E.2 After closing

- [ ] Oven is off

## F. One task, two ways

### Task: "Bread for cafés"

| Motion | Task Variation | Owner | Tools | Success Metric |
|--------|---|---|---|---|
| **Order** | Café orders by message | Owner | Phone | No order lost |
| **Visit** | We bring samples | Baker | Bike | 3 of 10 buy |

## G. Key Metrics

### Money

- **Bread sold:** a day, a week
- **Waste:** kilograms a week
`;

export const SPEC_KIT_PLAN = `# Tasks: Greeting service

**Input**: Design documents

## Format: \`[ID] [P?] [Story] Description\`

## Phase 1: Setup (Shared Infrastructure)

**Purpose**: Project initialization

- [ ] T001 Create project structure per implementation plan
- [x] T002 [P] Configure linting

## Phase 2: User Story 1 - Say hello (Priority: P1)

**Goal**: A person is greeted

### Tests for User Story 1

- [ ] T003 [P] [US1] Contract test in tests/contract/hello.py

### Implementation for User Story 1

- [ ] T004 [US1] Greeting model in src/models/greeting.py
  - [ ] T005 [US1] Formal form
- [ ] T006 [US1] Greeting service (depends on T003, T004)

**Checkpoint**: Story 1 works by itself
`;
