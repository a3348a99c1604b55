'use strict';
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const make = (tag, text, props) => Object.assign(document.createElement(tag), { textContent: text }, props);
  const tools = one('#tools');
  if (!tools) return;
  const [search, group, verdict, rule] = all('input, select', tools);
  const groups = all('.group'), tables = all('.sites');

  // Read when first asked for: a page of thousands of rows opens sooner.
  let rows;
  const headingOf = section => one('h3', section)?.textContent ?? '';
  const index = () => rows ??= groups.flatMap(section => all('tbody', section).map(body => ({
    body, section, group: headingOf(section),
    verdict: body.className,
    text: body.textContent.toLowerCase(),
    rules: new Set(all('a[href^="#"]', body).map(a => a.hash.slice(1))),
  })));

  // The sites of the index, which says no more than names and verdicts.
  const found = one('#found'), mostFound = 200;
  let names;
  const named = () => names ??= all('.index details ul').flatMap(list => all('li', list).map(site => ({
    site, group: list.dataset.group, verdict: list.className, text: site.textContent.toLowerCase(),
  })));

  function lookUp(fits) {
    const hits = named().filter(fits);
    const words = Object.fromEntries(Array.from(verdict.options, o => [o.value, o.textContent]));
    found.replaceChildren(...hits.slice(0, mostFound).map(hit => {
      const item = hit.site.cloneNode(true);
      item.prepend(make('span', words[hit.verdict] ?? '', { className: hit.verdict }), ' ');
      return item;
    }));
    found.hidden = hits.length === 0;
    const cut = hits.length > mostFound ? `, of which ${mostFound} are shown` : '';
    return `${hits.length} of ${names.length} sites in the index${cut}`;
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = r => (!group.value || r.group === group.value) && (!verdict.value || r.verdict === verdict.value) &&
      words.every(w => r.text.includes(w));
    const shownIn = new Map(groups.map(g => [g, 0]));
    let shown = 0;
    for (const r of index()) {
      const shows = fits(r) && (!rule.value || r.rules.has(rule.value));
      r.body.hidden = !shows;
      if (shows) {
        shown++;
        shownIn.set(r.section, shownIn.get(r.section) + 1);
      }
    }
    for (const [section, n] of shownIn) section.hidden = n === 0;
    const said = shown === rows.length ? [] : [`${shown} of ${rows.length} rows shown`];
    const asked = words.length || group.value || verdict.value;
    if (found && asked && !rule.value) said.push(lookUp(fits));
    else if (found) found.hidden = true;
    one('#count').textContent = said.join('; ');
  }

  const groupNames = new Set([...groups.map(headingOf), ...all('.index h4').map(h => h.textContent)].filter(Boolean));
  group.append(...Array.from(groupNames, name => make('option', name, { value: name })));
  group.closest('p').hidden = groupNames.size < 2;
  const told = one('.sites dl'); // the rows say all that was found
  rule.closest('p').hidden = !told;
  let waiting;
  search.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  tools.addEventListener('change', filter);
  tools.addEventListener('reset', () => setTimeout(filter));
  tools.addEventListener('submit', event => {
    event.preventDefault();
    clearTimeout(waiting);
    filter();
  });
  tools.hidden = tables.length === 0 && !found;

  // A column's key sorts best or smallest first.
  const order = Array.from(verdict.options, o => o.value);
  const severities = ['error', 'warning', 'not judged', 'info', 'waived', ''];
  const cell = (body, at) => body.rows[0].cells[at];
  function key(body, at) {
    const { textContent, dataset } = cell(body, at);
    if (at === 2) return order.indexOf(body.className);
    if (at === 3) return Number(dataset.age ?? -1);
    if (at < body.rows[0].cells.length - 1) return textContent.trim();
    return severities.indexOf(one('b', cell(body, at))?.textContent ?? '') + ' ' + textContent;
  }
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const compare = (a, b) => typeof a === 'number' ? a - b : collator.compare(a, b);

  // Sorts up, then down, then as it was.
  function sort(table, at) {
    const heads = Array.from(table.tHead.rows[0].cells);
    const before = heads[at].getAttribute('aria-sort');
    const now = { ascending: 'descending', descending: null }[before];
    heads.forEach(h => h.removeAttribute('aria-sort'));
    table.asListed ??= Array.from(table.tBodies);
    if (now === null) return table.append(...table.asListed);
    heads[at].setAttribute('aria-sort', now ?? 'ascending');
    const sign = now ? -1 : 1;
    const keyed = table.asListed.map(body => [key(body, at), body]);
    keyed.sort(([a], [b]) => sign * compare(a, b));
    table.append(...keyed.map(([, body]) => body));
  }

  for (const table of tables) {
    Array.from(table.tHead.rows[0].cells, (head, at) => {
      const button = make('button', head.textContent, { type: 'button' });
      button.addEventListener('click', () => sort(table, at));
      head.replaceChildren(button);
    });
  }

  // An opened row brings the fixes to its findings.
  document.addEventListener('toggle', event => {
    const opened = event.target.closest?.('.sites tbody');
    if (!opened || !event.target.open) return;
    index(); // before there is more to read
    for (const link of all('li > a[href^="#"]', opened)) {
      const help = one('.help', document.getElementById(link.hash.slice(1)));
      const fix = document.createElement('details');
      fix.append(make('summary', link.textContent), help.cloneNode(true));
      link.replaceWith(fix);
    }
  }, true);

  for (const sites of told ? all('.sites-with') : []) {
    const article = sites.closest('article');
    const button = make('button', sites.textContent + ': show', { type: 'button', className: 'show' });
    button.addEventListener('click', () => {
      tools.reset();
      rule.value = article.id;
      filter();
      one('#sites').scrollIntoView();
      rule.focus({ preventScroll: true });
    });
    sites.replaceChildren(button);
  }

  // Where a narrow screen lays rows out as blocks, some browsers forget that
  // it is a table.
  const narrow = matchMedia('(max-width: 52rem)');
  const roles = () => {
    if (!narrow.matches) return;
    narrow.removeEventListener('change', roles);
    const give = (role, selector) => all(selector).forEach(e => e.setAttribute('role', role));
    give('table', '.sites, .news');
    give('caption', ':is(.sites, .news) > caption');
    give('rowgroup', ':is(.sites, .news) > :is(thead, tbody)');
    give('row', ':is(.sites, .news) tr');
    give('columnheader', ':is(.sites, .news) thead th');
    give('rowheader', ':is(.sites, .news) tbody th');
    give('cell', ':is(.sites, .news) td');
  };
  narrow.addEventListener('change', roles);
  roles();
})();
