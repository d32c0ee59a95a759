'use strict';
// Everything that comes from the server is set as text, never as markup, and goes into addresses
// through encodeURIComponent.

const byId = (id) => document.getElementById(id);
const encode = (name) => encodeURIComponent(name).replace(/'/g, '%27');
const isDots = (name) => name === '.' || name === '..';
const databasePath = (database) => `/v1/databases/${encode(database)}`;
const rowsPath = (database, table, format) =>
  `${databasePath(database)}/tables/${encode(table)}/rows?page_size=100` +
  (format === 'json' ? '' : `&format=${format}`);

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// JSON.parse, but a number that would not be printed as it is written, such as 9007199254740993 or
// 1.0, becomes {number: '9007199254740993'}.
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const parseExactly = (text) => JSON.parse(text.replace(TOKENS, (token) =>
  token[0] === '"' || String(Number(token)) === token ? token : `{"number":"${token}"}`));

async function fetchJson(path) {
  const response = await fetch(path, {headers: {Accept: 'application/json'}});
  const body = await response.text().then(parseExactly).catch(() => ({}));
  if (!response.ok) throw new Error(body.message || `HTTP ${response.status}`);
  return body;
}

// Follows the pages of a list to its end.
async function fetchAll(path, field) {
  const items = [];
  let token = '';
  do {
    const query = `?page_size=1000${token && `&page_token=${encodeURIComponent(token)}`}`;
    const page = await fetchJson(path + query);
    items.push(...(page[field] || []));
    token = page.nextPageToken || '';
  } while (token);
  return items;
}

function formatBytes(text) {
  let value = Number(text);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

function tableOf(headings, rows) {
  const head = element('tr', {}, ...headings.map(([text, className]) =>
    element('th', {scope: 'col', className: className || ''}, text)));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
}

function databaseRow(database) {
  const serving = database.state === 'STATE_SERVING';
  const name = serving
    ? element('a', {href: `#db=${encode(database.name)}`}, database.name)
    : element('span', {}, database.name);
  if (!serving) {
    const reason = database.stateReason ||
      (database.state === 'STATE_OPENING' ? 'being opened' : 'not served');
    return element('tr', {}, element('th', {scope: 'row'}, name),
      element('td', {colSpan: 3, className: 'warn'}, `Not served: ${reason}`));
  }
  const download = element('a', {href: `${databasePath(database.name)}/content`, download: ''},
    'Download');
  download.setAttribute('aria-label', `Download ${database.name}`);
  const count = `${database.tableCount} tables, ${database.viewCount} views`;
  return element('tr', {}, element('th', {scope: 'row'}, name),
    element('td', {className: 'number'}, formatBytes(database.sizeBytes)),
    element('td', {className: 'wide dim'}, count), element('td', {className: 'links'}, download));
}

function tableRow(database, table) {
  const kind = (table.kind || '').replace('KIND_', '').toLowerCase();
  // A browser would take such a name for a step through folders.
  const unreachable = isDots(table.name) ? 'its name cannot stand in an address' : table.unavailableReason;
  const name = unreachable ? table.name
    : element('a', {href: tableHash(database, table.name)}, table.name);
  const heading = element('th', {scope: 'row'}, name);
  if (kind !== 'table') heading.append(' ', element('span', {className: 'tag'}, kind));
  if (unreachable) {
    return element('tr', {}, heading, element('td', {className: 'warn'}, unreachable));
  }
  const links = ['json', 'csv'].map((format) => {
    const link = element('a', {href: rowsPath(database, table.name, format)}, format.toUpperCase());
    link.setAttribute('aria-label', `First hundred rows of ${table.name} as ${format.toUpperCase()}`);
    return link;
  });
  return element('tr', {}, heading, element('td', {className: 'links'}, ...links));
}

const shellQuote = (text) => `'${text.replace(/'/g, `'\\''`)}'`;

function showCommands(database, table) {
  const origin = location.origin;
  const sql = table === undefined ? 'SELECT sqlite_version() AS version'
    : `SELECT * FROM "${table.replace(/"/g, '""')}" LIMIT 5`;
  const lines = database === undefined ? [] : [
    `curl ${shellQuote(`${origin}${databasePath(database)}/tables`)}`,
    table === undefined ? `curl ${shellQuote(`${origin}${databasePath(database)}`)}`
      : `curl ${shellQuote(origin + rowsPath(database, table, 'csv'))}`,
    `curl ${shellQuote(`${origin}${databasePath(database)}/query`)} -H 'Content-Type: application/json' -d ${shellQuote(JSON.stringify({sql}))}`,
  ];
  byId('commands').replaceChildren(...lines.map((line, index) => {
    const button = element('button', {type: 'button'}, 'Copy');
    button.setAttribute('aria-label', `Copy command ${index + 1}`);
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(line);
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = 'Copy'; }, 1500);
    });
    return element('li', {}, element('pre', {}, element('code', {}, line)), button);
  }));
  byId('try').hidden = lines.length === 0;
}

// Each waits for its list and then draws it, unless the reader has gone elsewhere meanwhile.
async function showDatabases(isCurrent) {
  const databases = await fetchAll('/v1/databases', 'databases');
  if (!isCurrent()) return;
  byId('list-title').textContent = 'Databases';
  byId('crumbs').hidden = true;
  document.title = 'Sluice';
  byId('list').replaceChildren(databases.length === 0
    ? element('p', {className: 'notice'}, 'There are no databases yet.')
    : tableOf([['Name'], ['Size'], ['Holds', 'wide'], ['File']], databases.map(databaseRow)));
  const served = databases.find((database) => database.state === 'STATE_SERVING');
  showCommands(served && served.name);
}

async function showTables(database, isCurrent) {
  const tables = await fetchAll(`${databasePath(database)}/tables`, 'tables');
  if (!isCurrent()) return;
  byId('list-title').textContent = `Tables of ${database}`;
  byId('crumbs').hidden = false;
  byId('crumbs').replaceChildren(element('a', {href: '#'}, 'Databases'), ' / ',
    element('span', {}, database));
  document.title = `${database} – Sluice`;
  byId('list').replaceChildren(tables.length === 0
    ? element('p', {className: 'notice'}, 'This database has no tables.')
    : tableOf([['Name'], ['First hundred rows']],
      tables.map((table) => tableRow(database, table))));
  const readable = tables.find((table) => !table.unavailableReason && !isDots(table.name));
  showCommands(database, readable && readable.name);
}

let shown = 0;
async function show() {
  const turn = ++shown;
  const isCurrent = () => turn === shown;
  const status = byId('status');
  status.className = 'dim';
  status.textContent = 'Loading…';
  try {
    const hash = location.hash;
    const words = new URLSearchParams(hash.slice(1));
    await (words.has('table') ? showRows(words, isCurrent)
      : words.has('db') ? showTables(words.get('db'), isCurrent) : showDatabases(isCurrent));
    if (isCurrent()) status.textContent = '';
  } catch (error) {
    if (!isCurrent()) return;
    status.className = 'warn';
    status.textContent = `Cannot load: ${error.message}`;
    // A form stays, so that what it says can be mended.
    const form = byId('list').querySelector('form');
    byId('list').replaceChildren(...(form ? [form] : []));
    byId('try').hidden = true;
  }
}

addEventListener('hashchange', show);
show();
