// The application: navigation, session and routing.

import './style.css';
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { S } from './lib/api.ts';
import { get, reached } from './lib/api.ts';
import { count, line } from './lib/format.ts';
import { live } from './lib/live.ts';
import { Loader } from './lib/loader.ts';
import { type Route, link, parse } from './lib/route.ts';
import { type Scope, ask, boundTo, refusal, session, signOut } from './lib/session.ts';
import { Watch } from './lib/store.ts';
import { type Theme, choose, theme } from './lib/theme.ts';
import { noticeList, notices } from './parts/dialog.ts';
import { type Icon, icon } from './parts/icon.ts';
import { Part } from './parts/part.ts';
import { empty, problem } from './parts/problem.ts';
import './pages/audit.ts';
import './pages/channel.ts';
import './pages/channels.ts';
import './pages/config.ts';
import './pages/event.ts';
import './pages/events.ts';
import './pages/letter.ts';
import './pages/letters.ts';
import './pages/overview.ts';
import './pages/plugins.ts';
import './pages/recipient.ts';
import './pages/recipients.ts';
import './pages/schema.ts';
import './pages/schemas.ts';
import './pages/sign-in.ts';

/** Milliseconds between reloads of the counts in the navigation. */
const COUNTED = 5_000;

/** A page of the navigation. */
type Entry = {
  page: string;
  name: string;
  icon: Icon;
  /** What a token needs for it. Default: `read`. */
  scope?: Scope;
  /** It shows the whole daemon, so it is not for tokens that are limited to channels. */
  whole?: boolean;
};

const PAGES: Entry[] = [
  { page: 'overview', name: 'Overview', icon: 'overview' },
  { page: 'events', name: 'Events', icon: 'events' },
  { page: 'channels', name: 'Channels', icon: 'channels' },
  { page: 'dead-letters', name: 'Dead letters', icon: 'letters' },
  { page: 'plugins', name: 'Plugins', icon: 'plugins' },
  { page: 'schemas', name: 'Schemas', icon: 'schemas' },
  { page: 'recipients', name: 'Recipients', icon: 'recipients', whole: true },
  { page: 'config', name: 'Config', icon: 'config', whole: true },
  { page: 'audit', name: 'Audit trail', icon: 'audit', scope: 'admin' },
];

const entry = (page: string) => PAGES.find((one) => one.page === page);

/** Why the session does not allow this page, or `undefined` if it does. */
const barred = ({ scope, whole }: Entry) => refusal(scope ?? 'read') ?? (whole ? boundTo() : undefined);

@customElement('ff-app')
export class App extends Part {
  @state() private route: Route = parse(location.hash);
  @state() private open = false;

  private readonly session = new Watch(this, session);
  private readonly theme = new Watch(this, theme);
  private readonly live = new Watch(this, live);
  private readonly reached = new Watch(this, reached);
  private readonly notices = new Watch(this, notices);

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', this.moved);
    this.name();
    void ask();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.moved);
  }

  private readonly moved = async (): Promise<void> => {
    // Not a route: a link within the page.
    if (!location.hash.startsWith('#/') && location.hash !== '') {
      return;
    }
    const before = this.route;
    this.route = parse(location.hash);
    this.open = false;
    this.name();
    await this.updateComplete;
    if (before.page !== this.route.page || before.rest.join('/') !== this.route.rest.join('/')) {
      window.scrollTo(0, 0);
      this.querySelector<HTMLElement>('#content')?.focus({ preventScroll: true });
    }
  };

  private name(): void {
    const [first] = this.route.rest;
    const title = entry(this.route.page)?.name ?? 'Not found';
    document.title = `${first ? `${line(first, 60)} · ` : ''}${title} · Fanfare`;
  }

  protected override render() {
    const now = this.session.value;
    if (now.state === 'out') {
      return html`<ff-sign-in .ended=${now.ended}></ff-sign-in>`;
    }
    return html`<a class="skip" href="#content" @click=${this.skip}>Skip to the content</a>
      <div class="side">
        <header class="top">
          <a class="wordmark" href="#/"><img src="/dashboard.svg" alt="" width="26" height="26" />Fanfare</a>
          <button
            class="quiet menu"
            aria-expanded=${this.open}
            aria-controls="navigation"
            @click=${() => (this.open = !this.open)}
          >
            ${icon(this.open ? 'close' : 'menu')}<span class="hidden">Menu</span>
          </button>
          <nav id="navigation" aria-label="Pages" class=${this.open ? 'open' : ''}>
            ${now.state === 'in' && !refusal('read') ? html`<ff-navigation .page=${this.route.page}></ff-navigation>` : nothing}
            <div class="foot">${this.connection()} ${this.themes()} ${this.who()}</div>
          </nav>
        </header>
      </div>
      <main id="content" tabindex="-1">
        ${now.state === 'failed' ? problem(now.problem) : nothing} ${now.state === 'in' ? this.page() : nothing}
      </main>
      ${noticeList(this.notices.value)}
      <ff-dialog></ff-dialog>`;
  }

  private page() {
    const { page, rest, query } = this.route;
    const [first] = rest;
    const shown = entry(page);
    const reason = shown && barred(shown);
    if (reason) {
      return html`<h1>${shown.name}</h1>
        ${empty('This page is not for your token.', `${reason} Sign out to use another one.`)}`;
    }
    switch (page) {
      case 'overview':
        return html`<ff-overview></ff-overview>`;
      case 'events':
        return first
          ? html`<ff-event .event=${first} .source=${query.get('source') ?? ''}></ff-event>`
          : html`<ff-events .query=${query}></ff-events>`;
      case 'channels':
        return first ? html`<ff-channel .channel=${first}></ff-channel>` : html`<ff-channels></ff-channels>`;
      case 'dead-letters':
        return first
          ? html`<ff-letter .delivery=${first}></ff-letter>`
          : html`<ff-letters .query=${query}></ff-letters>`;
      case 'plugins':
        return html`<ff-plugins></ff-plugins>`;
      case 'schemas':
        return first ? html`<ff-schema .type=${first}></ff-schema>` : html`<ff-schemas .query=${query}></ff-schemas>`;
      case 'recipients':
        return first
          ? html`<ff-recipient .subject=${first}></ff-recipient>`
          : html`<ff-recipients .query=${query}></ff-recipients>`;
      case 'config':
        return html`<ff-config></ff-config>`;
      case 'audit':
        return html`<ff-audit .query=${query}></ff-audit>`;
      default:
        return html`<h1>Page not found</h1>
          <p><a href="#/">Go to the overview</a>.</p>`;
    }
  }

  private connection() {
    const words = {
      idle: ['ok', 'Up to date'],
      connecting: ['wait', 'Connecting …'],
      open: ['ok', 'Live'],
      broken: ['bad', 'Stream lost'],
    } as const;
    const [tone, text] = this.reached.value ? words[this.live.value.state] : ['bad', 'Not reachable'];
    return html`<span class="connection ${tone}" role="status"><span class="dot"></span>${text}</span>`;
  }

  private themes() {
    const choices: [Theme, Icon, string][] = [
      ['system', 'system', 'System colours'],
      ['light', 'sun', 'Light'],
      ['dark', 'moon', 'Dark'],
    ];
    return html`<div class="themes" role="group" aria-label="Colours">
      ${choices.map(
        ([value, drawing, title]) =>
          html`<button
            class="quiet"
            title=${title}
            aria-label=${title}
            aria-pressed=${this.theme.value === value}
            @click=${() => choose(value)}
          >
            ${icon(drawing)}
          </button>`,
      )}
    </div>`;
  }

  private who() {
    const now = this.session.value;
    return now.state === 'in' && now.who.required
      ? html`<div class="who">
          <span title=${`Scopes: ${now.who.scopes.join(', ')}`}>${line(now.who.name ?? '', 40)}</span>
          <button class="quiet" @click=${() => void signOut()}>${icon('out')}Sign out</button>
        </div>`
      : nothing;
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.querySelector<HTMLElement>('#content')?.focus();
  }
}

/** The links to the pages, with badges. */
@customElement('ff-navigation')
export class Navigation extends Part {
  static override properties = { page: {} };
  declare page: string;

  private readonly stats = new Loader(this, (signal) => get<S['Stats']>('/v1/stats', {}, signal), COUNTED);

  protected override render() {
    const channels = Object.values(this.stats.value?.channels ?? {});
    const letters = channels.reduce((sum, channel) => sum + channel.dead_letters, 0);
    const rejected = this.stats.value?.last_reload?.outcome === 'rejected';
    const badge: Record<string, unknown> = {
      'dead-letters':
        letters > 0
          ? html`<span class="badge bad">${count(letters)}<span class="hidden"> dead letters</span></span>`
          : nothing,
      config: rejected
        ? html`<span class="badge bad">!<span class="hidden"> the last reload was rejected</span></span>`
        : nothing,
    };
    return html`<ul>
      ${PAGES.filter((one) => !barred(one)).map(
        ({ page, name, icon: drawing }) =>
          html`<li>
            <a href=${link(page === 'overview' ? [] : [page])} aria-current=${page === this.page ? 'page' : 'false'}>
              ${icon(drawing)}<span>${name}</span>${badge[page] ?? nothing}
            </a>
          </li>`,
      )}
    </ul>`;
  }
}
