/**
 * Words that mean the same to somebody looking for a tool. General vocabulary only: no product is named here, and
 * nothing is taken from any tool's description.
 */
import { termsOf } from './terms.ts';

/** How far a related word may stand in for the one that was asked for. */
const closeness = 0.45;

/** Each line is one meaning; a word may stand in several lines. */
const meanings = `
  create make add new generate build start compose
  delete remove erase drop destroy clear discard
  update edit change modify revise alter adjust rename
  get fetch retrieve read show view obtain display open
  list enumerate browse all
  search find lookup query discover locate seek
  send post submit publish deliver
  run execute invoke launch trigger start
  stop cancel abort terminate end halt kill
  copy duplicate clone fork
  move transfer relocate
  upload push import load
  download export save pull
  convert transform translate change
  merge combine join unite concatenate
  split divide separate
  compare diff difference versus
  check verify validate test inspect
  analyze examine evaluate assess study
  calculate compute count math
  summarize summary overview brief digest
  explain describe details information
  schedule plan calendar appointment booking
  book reserve reservation booking
  buy purchase order shop
  pay payment charge billing invoice
  price cost fee quote rate
  picture image photo graphic illustration
  video film movie clip
  music song audio sound track
  file document
  folder directory
  website site webpage page url
  internet web online
  mail email message inbox
  chat message conversation talk
  comment note remark reply
  person user people member contact
  company business organization firm
  job career employment position vacancy
  money finance currency cash
  stock share equity market
  weather forecast temperature climate
  map location place address geographic
  route direction navigation path way
  trip travel journey vacation holiday
  flight airline plane airport
  hotel accommodation lodging stay
  food meal recipe dish cuisine
  restaurant dining eatery
  doctor health medical medicine
  sport match game team player
  news headline article story
  law legal lawyer court
  code source program script programming
  bug error issue defect problem failure
  repository repo project
  pull request pr mr merge
  branch line
  commit revision history change
  release version tag
  issue ticket task
  label tag
  star favorite bookmark
  table spreadsheet sheet
  slide presentation deck
  chart graph plot diagram
  database db sql table
  server host machine
  log history record
  secret password credential key token
  vulnerability security weakness
  alert warning notification
  notify alert remind
  language translation translate
  word term vocabulary
  learn study course education teach
  text content wording
  title heading headline
  size dimension resolution
  color colour
  quick fast rapid
  big large
  recommend suggest advise
  rewrite rephrase paraphrase
`;

const related = new Map<string, Map<string, number>>();
for (const line of meanings.split('\n')) {
  const terms = [...new Set(termsOf(line, 32))];
  for (const term of terms) {
    const others = related.get(term) ?? new Map<string, number>();
    for (const other of terms) if (other !== term) others.set(other, closeness);
    related.set(term, others);
  }
}

const none: ReadonlyMap<string, number> = new Map();

/** Terms that may stand in for a term, each with how well (0 to 1). */
export function relatedTermsOf(term: string): ReadonlyMap<string, number> {
  return related.get(term) ?? none;
}
