
'use strict';
(() => {
  const by = (id) => document.getElementById(id);

  // Whoever reads this long after it was written should know.
  const age = by('age');
  if (age) {
    const days = Math.floor((Date.now() / 1000 - age.dataset.made) / 86400);
    if (days >= 1) {
      age.textContent = `This page was made ${days} day${days > 1 ? 's' : ''}` +
        ' ago. What happened since is not in it.';
      age.hidden = false;
    }
  }

  const list = by('list');
  const tools = by('tools');
  if (!list || !tools) return;
  const find = by('find');
  const sort = by('sort');
  const zoom = by('zoom');
  const facets = [...tools.querySelectorAll('[data-facet]')];
  const rows = [...list.children].map((item, order) => ({
    item, order, next: +item.dataset.next, end: +item.dataset.end,
    name: item.querySelector('h3').textContent,
    owner: item.querySelector('.whose bdi').textContent,
    numbers: Object.fromEntries(facets.map(({dataset: {facet}}) =>
      [facet, ` ${item.dataset[facet]} `])),
    text: '',
  }));

  // The text is put together when somebody first looks for some.
  const textOf = (row) => row.text ||= [
    row.name, row.owner, ...[...row.item.querySelectorAll('.facts dd')]
      .map((fact) => fact.textContent)].join('\n').toLowerCase();

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = facets.filter((facet) => facet.value !== '');
    let shown = 0;
    for (const row of rows) {
      const fits = chosen.every((facet) =>
        row.numbers[facet.dataset.facet].includes(` ${facet.value} `)) &&
        words.every((word) => textOf(row).includes(word));
      row.item.hidden = !fits;
      if (fits) ++shown;
    }
    by('count').value = shown === rows.length ?
      `${shown} token${shown === 1 ? '' : 's'}` :
      `${shown} of ${rows.length} tokens`;
  };

  const order = {
    urgency: (a, b) => a.order - b.order,
    next: (a, b) => a.next - b.next,
    end: (a, b) => a.end - b.end,
    name: (a, b) => a.name.localeCompare(b.name),
    owner: (a, b) => a.owner.localeCompare(b.owner),
  };
  let arranged = 'urgency';
  const arrange = () => {
    if (sort.value === arranged) return;
    arranged = sort.value;
    const compare = order[sort.value];
    rows.sort((a, b) => compare(a, b) || a.order - b.order);
    list.append(...rows.map((row) => row.item));
  };

  // Part of the time, from shortly before now on.
  const chart = list.parentElement;
  let stretched = 'all';
  const stretch = () => {
    if (zoom.value === stretched) return;
    stretched = zoom.value;
    const {from, to, now} = zoom.dataset;
    const whole = to - from;
    const part = zoom.value === 'all' ? whole :
      Math.min(whole, zoom.value * 86400);
    const start = Math.min(Math.max(+from, now - part / 6), to - part);
    const x = `${(from - start) / part * 100}%`;
    const width = `${whole / part * 100}%`;
    for (const pane of chart.querySelectorAll('.pane')) {
      pane.setAttribute('x', x);
      pane.setAttribute('width', width);
    }
    chart.classList.toggle('zoomed', part < whole / 1.5);
  };

  tools.hidden = false;
  const refresh = () => {
    arrange();
    stretch();
    filter();
  };
  const clear = () => {
    find.value = '';
    for (const select of tools.querySelectorAll('select')) {
      select.selectedIndex = 0;
    }
    refresh();
  };
  by('clear').addEventListener('click', clear);
  find.addEventListener('input', filter);
  for (const facet of facets) facet.addEventListener('change', filter);
  sort.addEventListener('change', arrange);
  zoom.addEventListener('change', stretch);
  // A browser that comes back to the page keeps what was chosen.
  addEventListener('pageshow', refresh);

  // A link to a token opens it, whatever is filtered.
  const reveal = () => {
    const item = location.hash.length > 1 && by(location.hash.slice(1));
    if (!item || item.parentElement !== list) return;
    if (item.hidden) clear();
    const details = item.querySelector('details');
    details.open = true;
    details.querySelector('summary').focus();
  };
  addEventListener('hashchange', reveal);
  reveal();

  addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const on = event.target;
    if (event.key === '/' && !on.matches('input, select')) {
      event.preventDefault();
      find.focus();
      return;
    }
    if (event.key === 'Escape' && on === find && find.value) {
      find.value = '';
      filter();
      return;
    }
    if (!on.matches('.tokens summary')) return;
    const shown = rows.filter((row) => !row.item.hidden);
    const at = shown.findIndex((row) => row.item.contains(on));
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0,
      End: shown.length - 1}[event.key];
    if (to === undefined || !shown[to]) return;
    event.preventDefault();
    shown[to].item.querySelector('summary').focus();
  });
})();
