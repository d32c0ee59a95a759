'use strict';
// One page of a table: rows with links that sort, a filter, a search, and the facets worth a look.
// The address holds the whole choice, so that it can be kept and sent.

const FIELDS = ['filter', 'search', 'order_by', 'page_token'];

const tableHash = (database, table, choice = {}) => {
  const words = new URLSearchParams({db: database, table});
  FIELDS.filter((field) => choice[field]).forEach((field) => words.set(field, choice[field]));
  return `#${words}`;
};

// A text, a name and a value as filters and orders write them.
const quoteText = (text) => `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')}"`;
const quoteName = (name) =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/^(AND|OR|NOT)$/.test(name) ? name : quoteText(name);

function quoteValue(value) {
  if (typeof value === 'string') return quoteText(value);
  if (value !== null && typeof value.number === 'string') return value.number;
  return value === null || typeof value === 'number' ? String(value) : undefined;
}

function showValue(value) {
  if (value === null) return element('span', {className: 'dim'}, 'NULL');
  if (typeof value !== 'object') return String(value);
  if (typeof value.number === 'string') return value.number;
  const bytes = typeof value.encoded === 'string' ? `${Math.floor(value.encoded.length * 3 / 4)} bytes` : 'bytes';
  return element('span', {className: 'tag'}, bytes);
}

function headingOf(here, column) {
  const name = quoteName(column.name);
  const up = here.choice.order_by === name;
  const next = up ? `${name} desc` : name;
  const sign = up ? ' ↑' : here.choice.order_by === `${name} desc` ? ' ↓' : '';
  if (column.labelOf) return element('span', {}, column.name);
  const link = element('a', {href: here.hash({order_by: next})}, column.name + sign);
  link.setAttribute('aria-label', `Sort by ${column.name}${up ? ', descending' : ''}`);
  return link;
}

function choiceForm(here) {
  const field = (name, label, hint) => {
    const input = element('input', {name, value: here.choice[name] || '', placeholder: hint});
    return element('label', {}, `${label} `, input);
  };
  const form = element('form', {className: 'choice'},
    field('filter', 'Filter', 'pages > 100 AND contains(title, "sea")'));
  if (here.searchable) form.append(field('search', 'Search', 'words'));
  form.append(element('button', {type: 'submit'}, 'Show'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    location.hash = here.hash({...given, order_by: here.choice.order_by});
  });
  return form;
}

function facetList(here, facet) {
  const items = facet.values.slice(0, 10).map(({value, label, count}) => {
    const text = label === undefined ? showValue(value) : String(label);
    const wanted = quoteValue(value);
    const condition = wanted && `${quoteName(facet.name)} = ${wanted}`;
    const filter = here.choice.filter ? `(${here.choice.filter}) AND ${condition}` : condition;
    const shown = condition ? element('a', {href: here.hash({...here.choice, page_token: '', filter})}, text) : text;
    return element('li', {}, shown, ` ${count}`);
  });
  return element('section', {}, element('h3', {}, facet.name), element('ul', {}, ...items));
}

// The columns that are worth counting, at most four, so that the page comes soon.
async function fetchFacets(here) {
  const base = `${here.path}?page_size=1${here.query(['filter', 'search'])}`;
  const {suggestedFacets = []} = await fetchJson(`${base}&suggest_facets=true`);
  const columns = suggestedFacets.filter((name) => here.columns.includes(name)).slice(0, 4);
  if (columns.length === 0) return [];
  const wanted = columns.map((name) => `&facets=${encode(name)}`).join('');
  return (await fetchJson(base + wanted)).facets || [];
}

function placeOf(words) {
  const database = words.get('db');
  const table = words.get('table');
  const choice = Object.fromEntries(FIELDS.map((field) => [field, words.get(field) || '']));
  return {
    database,
    table,
    choice,
    path: `${databasePath(database)}/tables/${encode(table)}/rows`,
    // Another choice over the same table; what it does not name is left out.
    hash: (other) => tableHash(database, table, {filter: choice.filter, search: choice.search, ...other}),
    query: (fields) => fields.filter((field) => choice[field])
      .map((field) => `&${field}=${encode(choice[field])}`).join(''),
  };
}

async function showRows(words, isCurrent) {
  const here = placeOf(words);
  const described = await fetchJson(`${databasePath(here.database)}/tables/${encode(here.table)}`);
  here.searchable = Boolean(described.table.ftsTable) || /^fts[345]$/.test(described.table.module || '');
  if (!isCurrent()) return;
  byId('list-title').textContent = here.table;
  byId('crumbs').hidden = false;
  byId('crumbs').replaceChildren(element('a', {href: '#'}, 'Databases'), ' / ',
    element('a', {href: `#db=${encode(here.database)}`}, here.database), ' / ', element('span', {}, here.table));
  document.title = `${here.table} – Sluice`;
  // The form stays when the filter is wrong, to be mended.
  byId('list').replaceChildren(choiceForm(here));
  showCommands(here.database, here.table);
  const page = await fetchJson(`${here.path}?page_size=100&count=capped&shape=arrays&labels=%2A${here.query(FIELDS)}`);
  if (!isCurrent()) return;
  here.columns = page.columns.map((column) => column.name);
  const rows = page.rows.map((row) => element('tr', {}, ...row.map((value) => element('td', {}, showValue(value)))));
  const {value, kind} = page.count;
  const count = {EXACT: `${value} rows`, CAPPED: `more than ${value} rows`}[kind] || 'Counting took too long';
  const facets = element('div', {className: 'facets'});
  byId('list').append(element('p', {className: 'dim'}, count), facets,
    element('div', {className: 'scroll'}, tableOf(page.columns.map((column) => [headingOf(here, column)]), rows)));
  if (page.nextPageToken) {
    byId('list').append(element('p', {}, element('a', {
      href: here.hash({order_by: here.choice.order_by, page_token: page.nextPageToken}),
    }, 'Next hundred rows')));
  }
  const found = await fetchFacets(here);
  if (isCurrent()) facets.replaceChildren(...found.map((facet) => facetList(here, facet)));
}
