var Nd=Object.defineProperty;var Od=Object.getOwnPropertyDescriptor;var T=(t,s,e,n)=>{for(var i=n>1?void 0:n?Od(s,e):s,r=t.length-1,l;r>=0;r--)(l=t[r])&&(i=(n?l(s,e,i):l(i))||i);return n&&i&&Nd(s,e,i),i};var Vi=globalThis,Fi=Vi.ShadowRoot&&(Vi.ShadyCSS===void 0||Vi.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype,Pl=Symbol(),Al=new WeakMap,Ii=class{constructor(s,e,n){if(this._$cssResult$=!0,n!==Pl)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=s,this.t=e}get styleSheet(){let s=this.o,e=this.t;if(Fi&&s===void 0){let n=e!==void 0&&e.length===1;n&&(s=Al.get(e)),s===void 0&&((this.o=s=new CSSStyleSheet).replaceSync(this.cssText),n&&Al.set(e,s))}return s}toString(){return this.cssText}},Ml=t=>new Ii(typeof t=="string"?t:t+"",void 0,Pl);var Cl=(t,s)=>{if(Fi)t.adoptedStyleSheets=s.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let e of s){let n=document.createElement("style"),i=Vi.litNonce;i!==void 0&&n.setAttribute("nonce",i),n.textContent=e.cssText,t.appendChild(n)}},Br=Fi?t=>t:t=>t instanceof CSSStyleSheet?(s=>{let e="";for(let n of s.cssRules)e+=n.cssText;return Ml(e)})(t):t;var{is:qd,defineProperty:zd,getOwnPropertyDescriptor:jd,getOwnPropertyNames:Hd,getOwnPropertySymbols:Vd,getPrototypeOf:Id}=Object,Ui=globalThis,Rl=Ui.trustedTypes,Fd=Rl?Rl.emptyScript:"",Ud=Ui.reactiveElementPolyfillSupport,Xs=(t,s)=>t,ei={toAttribute(t,s){switch(s){case Boolean:t=t?Fd:null;break;case Object:case Array:t=t==null?t:JSON.stringify(t)}return t},fromAttribute(t,s){let e=t;switch(s){case Boolean:e=t!==null;break;case Number:e=t===null?null:Number(t);break;case Object:case Array:try{e=JSON.parse(t)}catch{e=null}}return e}},Wi=(t,s)=>!qd(t,s),Dl={attribute:!0,type:String,converter:ei,reflect:!1,useDefault:!1,hasChanged:Wi};Symbol.metadata??=Symbol("metadata"),Ui.litPropertyMetadata??=new WeakMap;var mn=class extends HTMLElement{static addInitializer(s){this._$Ei(),(this.l??=[]).push(s)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(s,e=Dl){if(e.state&&(e.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(s)&&((e=Object.create(e)).wrapped=!0),this.elementProperties.set(s,e),!e.noAccessor){let n=Symbol(),i=this.getPropertyDescriptor(s,n,e);i!==void 0&&zd(this.prototype,s,i)}}static getPropertyDescriptor(s,e,n){let{get:i,set:r}=jd(this.prototype,s)??{get(){return this[e]},set(l){this[e]=l}};return{get:i,set(l){let d=i?.call(this);r?.call(this,l),this.requestUpdate(s,d,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(s){return this.elementProperties.get(s)??Dl}static _$Ei(){if(this.hasOwnProperty(Xs("elementProperties")))return;let s=Id(this);s.finalize(),s.l!==void 0&&(this.l=[...s.l]),this.elementProperties=new Map(s.elementProperties)}static finalize(){if(this.hasOwnProperty(Xs("finalized")))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(Xs("properties"))){let e=this.properties,n=[...Hd(e),...Vd(e)];for(let i of n)this.createProperty(i,e[i])}let s=this[Symbol.metadata];if(s!==null){let e=litPropertyMetadata.get(s);if(e!==void 0)for(let[n,i]of e)this.elementProperties.set(n,i)}this._$Eh=new Map;for(let[e,n]of this.elementProperties){let i=this._$Eu(e,n);i!==void 0&&this._$Eh.set(i,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(s){let e=[];if(Array.isArray(s)){let n=new Set(s.flat(1/0).reverse());for(let i of n)e.unshift(Br(i))}else s!==void 0&&e.push(Br(s));return e}static _$Eu(s,e){let n=e.attribute;return n===!1?void 0:typeof n=="string"?n:typeof s=="string"?s.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(s=>this.enableUpdating=s),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(s=>s(this))}addController(s){(this._$EO??=new Set).add(s),this.renderRoot!==void 0&&this.isConnected&&s.hostConnected?.()}removeController(s){this._$EO?.delete(s)}_$E_(){let s=new Map,e=this.constructor.elementProperties;for(let n of e.keys())this.hasOwnProperty(n)&&(s.set(n,this[n]),delete this[n]);s.size>0&&(this._$Ep=s)}createRenderRoot(){let s=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return Cl(s,this.constructor.elementStyles),s}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(s=>s.hostConnected?.())}enableUpdating(s){}disconnectedCallback(){this._$EO?.forEach(s=>s.hostDisconnected?.())}attributeChangedCallback(s,e,n){this._$AK(s,n)}_$ET(s,e){let n=this.constructor.elementProperties.get(s),i=this.constructor._$Eu(s,n);if(i!==void 0&&n.reflect===!0){let r=(n.converter?.toAttribute!==void 0?n.converter:ei).toAttribute(e,n.type);this._$Em=s,r==null?this.removeAttribute(i):this.setAttribute(i,r),this._$Em=null}}_$AK(s,e){let n=this.constructor,i=n._$Eh.get(s);if(i!==void 0&&this._$Em!==i){let r=n.getPropertyOptions(i),l=typeof r.converter=="function"?{fromAttribute:r.converter}:r.converter?.fromAttribute!==void 0?r.converter:ei;this._$Em=i;let d=l.fromAttribute(e,r.type);this[i]=d??this._$Ej?.get(i)??d,this._$Em=null}}requestUpdate(s,e,n,i=!1,r){if(s!==void 0){let l=this.constructor;if(i===!1&&(r=this[s]),n??=l.getPropertyOptions(s),!((n.hasChanged??Wi)(r,e)||n.useDefault&&n.reflect&&r===this._$Ej?.get(s)&&!this.hasAttribute(l._$Eu(s,n))))return;this.C(s,e,n)}this.isUpdatePending===!1&&(this._$ES=this._$EP())}C(s,e,{useDefault:n,reflect:i,wrapped:r},l){n&&!(this._$Ej??=new Map).has(s)&&(this._$Ej.set(s,l??e??this[s]),r!==!0||l!==void 0)||(this._$AL.has(s)||(this.hasUpdated||n||(e=void 0),this._$AL.set(s,e)),i===!0&&this._$Em!==s&&(this._$Eq??=new Set).add(s))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let s=this.scheduleUpdate();return s!=null&&await s,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[i,r]of this._$Ep)this[i]=r;this._$Ep=void 0}let n=this.constructor.elementProperties;if(n.size>0)for(let[i,r]of n){let{wrapped:l}=r,d=this[i];l!==!0||this._$AL.has(i)||d===void 0||this.C(i,void 0,r,d)}}let s=!1,e=this._$AL;try{s=this.shouldUpdate(e),s?(this.willUpdate(e),this._$EO?.forEach(n=>n.hostUpdate?.()),this.update(e)):this._$EM()}catch(n){throw s=!1,this._$EM(),n}s&&this._$AE(e)}willUpdate(s){}_$AE(s){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(s)),this.updated(s)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(s){return!0}update(s){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(s){}firstUpdated(s){}};mn.elementStyles=[],mn.shadowRootOptions={mode:"open"},mn[Xs("elementProperties")]=new Map,mn[Xs("finalized")]=new Map,Ud?.({ReactiveElement:mn}),(Ui.reactiveElementVersions??=[]).push("2.1.2");var ea=globalThis,Ll=t=>t,Gi=ea.trustedTypes,Nl=Gi?Gi.createPolicy("lit-html",{createHTML:t=>t}):void 0,Vl="$lit$",Tn=`lit$${Math.random().toFixed(9).slice(2)}$`,Il="?"+Tn,Wd=`<${Il}>`,Bn=document,ni=()=>Bn.createComment(""),si=t=>t===null||typeof t!="object"&&typeof t!="function",ta=Array.isArray,Gd=t=>ta(t)||typeof t?.[Symbol.iterator]=="function",Yr=`[ 	
\f\r]`,ti=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Ol=/-->/g,ql=/>/g,Wn=RegExp(`>|${Yr}(?:([^\\s"'>=/]+)(${Yr}*=${Yr}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),zl=/'/g,jl=/"/g,Fl=/^(?:script|style|textarea|title)$/i,na=t=>(s,...e)=>({_$litType$:t,strings:s,values:e}),c=na(1),ae=na(2),Ph=na(3),Yn=Symbol.for("lit-noChange"),$=Symbol.for("lit-nothing"),Hl=new WeakMap,Gn=Bn.createTreeWalker(Bn,129);function Ul(t,s){if(!ta(t)||!t.hasOwnProperty("raw"))throw Error("invalid template strings array");return Nl!==void 0?Nl.createHTML(s):s}var Bd=(t,s)=>{let e=t.length-1,n=[],i,r=s===2?"<svg>":s===3?"<math>":"",l=ti;for(let d=0;d<e;d++){let u=t[d],f,v,g=-1,y=0;for(;y<u.length&&(l.lastIndex=y,v=l.exec(u),v!==null);)y=l.lastIndex,l===ti?v[1]==="!--"?l=Ol:v[1]!==void 0?l=ql:v[2]!==void 0?(Fl.test(v[2])&&(i=RegExp("</"+v[2],"g")),l=Wn):v[3]!==void 0&&(l=Wn):l===Wn?v[0]===">"?(l=i??ti,g=-1):v[1]===void 0?g=-2:(g=l.lastIndex-v[2].length,f=v[1],l=v[3]===void 0?Wn:v[3]==='"'?jl:zl):l===jl||l===zl?l=Wn:l===Ol||l===ql?l=ti:(l=Wn,i=void 0);let P=l===Wn&&t[d+1].startsWith("/>")?" ":"";r+=l===ti?u+Wd:g>=0?(n.push(f),u.slice(0,g)+Vl+u.slice(g)+Tn+P):u+Tn+(g===-2?d:P)}return[Ul(t,r+(t[e]||"<?>")+(s===2?"</svg>":s===3?"</math>":"")),n]},ii=class t{constructor({strings:s,_$litType$:e},n){let i;this.parts=[];let r=0,l=0,d=s.length-1,u=this.parts,[f,v]=Bd(s,e);if(this.el=t.createElement(f,n),Gn.currentNode=this.el.content,e===2||e===3){let g=this.el.content.firstChild;g.replaceWith(...g.childNodes)}for(;(i=Gn.nextNode())!==null&&u.length<d;){if(i.nodeType===1){if(i.hasAttributes())for(let g of i.getAttributeNames())if(g.endsWith(Vl)){let y=v[l++],P=i.getAttribute(g).split(Tn),C=/([.?@])?(.*)/.exec(y);u.push({type:1,index:r,name:C[2],strings:P,ctor:C[1]==="."?Kr:C[1]==="?"?Qr:C[1]==="@"?Zr:As}),i.removeAttribute(g)}else g.startsWith(Tn)&&(u.push({type:6,index:r}),i.removeAttribute(g));if(Fl.test(i.tagName)){let g=i.textContent.split(Tn),y=g.length-1;if(y>0){i.textContent=Gi?Gi.emptyScript:"";for(let P=0;P<y;P++)i.append(g[P],ni()),Gn.nextNode(),u.push({type:2,index:++r});i.append(g[y],ni())}}}else if(i.nodeType===8)if(i.data===Il)u.push({type:2,index:r});else{let g=-1;for(;(g=i.data.indexOf(Tn,g+1))!==-1;)u.push({type:7,index:r}),g+=Tn.length-1}r++}}static createElement(s,e){let n=Bn.createElement("template");return n.innerHTML=s,n}};function Es(t,s,e=t,n){if(s===Yn)return s;let i=n!==void 0?e._$Co?.[n]:e._$Cl,r=si(s)?void 0:s._$litDirective$;return i?.constructor!==r&&(i?._$AO?.(!1),r===void 0?i=void 0:(i=new r(t),i._$AT(t,e,n)),n!==void 0?(e._$Co??=[])[n]=i:e._$Cl=i),i!==void 0&&(s=Es(t,i._$AS(t,s.values),i,n)),s}var Jr=class{constructor(s,e){this._$AV=[],this._$AN=void 0,this._$AD=s,this._$AM=e}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(s){let{el:{content:e},parts:n}=this._$AD,i=(s?.creationScope??Bn).importNode(e,!0);Gn.currentNode=i;let r=Gn.nextNode(),l=0,d=0,u=n[0];for(;u!==void 0;){if(l===u.index){let f;u.type===2?f=new ri(r,r.nextSibling,this,s):u.type===1?f=new u.ctor(r,u.name,u.strings,this,s):u.type===6&&(f=new Xr(r,this,s)),this._$AV.push(f),u=n[++d]}l!==u?.index&&(r=Gn.nextNode(),l++)}return Gn.currentNode=Bn,i}p(s){let e=0;for(let n of this._$AV)n!==void 0&&(n.strings!==void 0?(n._$AI(s,n,e),e+=n.strings.length-2):n._$AI(s[e])),e++}},ri=class t{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(s,e,n,i){this.type=2,this._$AH=$,this._$AN=void 0,this._$AA=s,this._$AB=e,this._$AM=n,this.options=i,this._$Cv=i?.isConnected??!0}get parentNode(){let s=this._$AA.parentNode,e=this._$AM;return e!==void 0&&s?.nodeType===11&&(s=e.parentNode),s}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(s,e=this){s=Es(this,s,e),si(s)?s===$||s==null||s===""?(this._$AH!==$&&this._$AR(),this._$AH=$):s!==this._$AH&&s!==Yn&&this._(s):s._$litType$!==void 0?this.$(s):s.nodeType!==void 0?this.T(s):Gd(s)?this.k(s):this._(s)}O(s){return this._$AA.parentNode.insertBefore(s,this._$AB)}T(s){this._$AH!==s&&(this._$AR(),this._$AH=this.O(s))}_(s){this._$AH!==$&&si(this._$AH)?this._$AA.nextSibling.data=s:this.T(Bn.createTextNode(s)),this._$AH=s}$(s){let{values:e,_$litType$:n}=s,i=typeof n=="number"?this._$AC(s):(n.el===void 0&&(n.el=ii.createElement(Ul(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===i)this._$AH.p(e);else{let r=new Jr(i,this),l=r.u(this.options);r.p(e),this.T(l),this._$AH=r}}_$AC(s){let e=Hl.get(s.strings);return e===void 0&&Hl.set(s.strings,e=new ii(s)),e}k(s){ta(this._$AH)||(this._$AH=[],this._$AR());let e=this._$AH,n,i=0;for(let r of s)i===e.length?e.push(n=new t(this.O(ni()),this.O(ni()),this,this.options)):n=e[i],n._$AI(r),i++;i<e.length&&(this._$AR(n&&n._$AB.nextSibling,i),e.length=i)}_$AR(s=this._$AA.nextSibling,e){for(this._$AP?.(!1,!0,e);s!==this._$AB;){let n=Ll(s).nextSibling;Ll(s).remove(),s=n}}setConnected(s){this._$AM===void 0&&(this._$Cv=s,this._$AP?.(s))}},As=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(s,e,n,i,r){this.type=1,this._$AH=$,this._$AN=void 0,this.element=s,this.name=e,this._$AM=i,this.options=r,n.length>2||n[0]!==""||n[1]!==""?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=$}_$AI(s,e=this,n,i){let r=this.strings,l=!1;if(r===void 0)s=Es(this,s,e,0),l=!si(s)||s!==this._$AH&&s!==Yn,l&&(this._$AH=s);else{let d=s,u,f;for(s=r[0],u=0;u<r.length-1;u++)f=Es(this,d[n+u],e,u),f===Yn&&(f=this._$AH[u]),l||=!si(f)||f!==this._$AH[u],f===$?s=$:s!==$&&(s+=(f??"")+r[u+1]),this._$AH[u]=f}l&&!i&&this.j(s)}j(s){s===$?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,s??"")}},Kr=class extends As{constructor(){super(...arguments),this.type=3}j(s){this.element[this.name]=s===$?void 0:s}},Qr=class extends As{constructor(){super(...arguments),this.type=4}j(s){this.element.toggleAttribute(this.name,!!s&&s!==$)}},Zr=class extends As{constructor(s,e,n,i,r){super(s,e,n,i,r),this.type=5}_$AI(s,e=this){if((s=Es(this,s,e,0)??$)===Yn)return;let n=this._$AH,i=s===$&&n!==$||s.capture!==n.capture||s.once!==n.once||s.passive!==n.passive,r=s!==$&&(n===$||i);i&&this.element.removeEventListener(this.name,this,n),r&&this.element.addEventListener(this.name,this,s),this._$AH=s}handleEvent(s){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,s):this._$AH.handleEvent(s)}},Xr=class{constructor(s,e,n){this.element=s,this.type=6,this._$AN=void 0,this._$AM=e,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(s){Es(this,s)}};var Yd=ea.litHtmlPolyfillSupport;Yd?.(ii,ri),(ea.litHtmlVersions??=[]).push("3.3.3");var Wl=(t,s,e)=>{let n=e?.renderBefore??s,i=n._$litPart$;if(i===void 0){let r=e?.renderBefore??null;n._$litPart$=i=new ri(s.insertBefore(ni(),r),r,void 0,e??{})}return i._$AI(t),i};var sa=globalThis,En=class extends mn{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let s=super.createRenderRoot();return this.renderOptions.renderBefore??=s.firstChild,s}update(s){let e=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(s),this._$Do=Wl(e,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return Yn}};En._$litElement$=!0,En.finalized=!0,sa.litElementHydrateSupport?.({LitElement:En});var Jd=sa.litElementPolyfillSupport;Jd?.({LitElement:En});(sa.litElementVersions??=[]).push("4.2.2");var le=t=>(s,e)=>{e!==void 0?e.addInitializer(()=>{customElements.define(t,s)}):customElements.define(t,s)};var Kd={attribute:!0,type:String,converter:ei,reflect:!1,hasChanged:Wi},Qd=(t=Kd,s,e)=>{let{kind:n,metadata:i}=e,r=globalThis.litPropertyMetadata.get(i);if(r===void 0&&globalThis.litPropertyMetadata.set(i,r=new Map),n==="setter"&&((t=Object.create(t)).wrapped=!0),r.set(e.name,t),n==="accessor"){let{name:l}=e;return{set(d){let u=s.get.call(this);s.set.call(this,d),this.requestUpdate(l,u,t,!0,d)},init(d){return d!==void 0&&this.C(l,void 0,t,d),d}}}if(n==="setter"){let{name:l}=e;return function(d){let u=this[l];s.call(this,d),this.requestUpdate(l,u,t,!0,d)}}throw Error("Unsupported decorator location: "+n)};function me(t){return(s,e)=>typeof e=="object"?Qd(t,s,e):((n,i,r)=>{let l=i.hasOwnProperty(r);return i.constructor.createProperty(r,n),l?Object.getOwnPropertyDescriptor(i,r):void 0})(t,s,e)}function Ee(t){return me({...t,state:!0,attribute:!1})}var Jn=(t,s,e)=>(e.configurable=!0,e.enumerable=!0,Reflect.decorate&&typeof s!="object"&&Object.defineProperty(t,s,e),e);function Gl(t,s){return(e,n,i)=>{let r=l=>l.renderRoot?.querySelector(t)??null;if(s){let{get:l,set:d}=typeof n=="object"?e:i??(()=>{let u=Symbol();return{get(){return this[u]},set(f){this[u]=f}}})();return Jn(e,n,{get(){let u=l.call(this);return u===void 0&&(u=r(this),(u!==null||this.hasUpdated)&&d.call(this,u)),u}})}return Jn(e,n,{get(){return r(this)}})}}function ia(t){let s=t.replace(/^#\/?/,""),e=s.indexOf("?"),n=e<0?s:s.slice(0,e),[i="",...r]=n.split("/").map(Zd);return{page:i||"overview",rest:r,query:new URLSearchParams(e<0?"":s.slice(e+1))}}function Zd(t){try{return decodeURIComponent(t)}catch{return t}}function U(t,s={}){let e=ai(s);return`#/${t.map(encodeURIComponent).join("/")}${e}`}function ai(t){let s=new URLSearchParams;for(let[n,i]of Object.entries(t))i!=null&&i!==""&&s.set(n,String(i));let e=s.toString();return e?`?${e}`:""}function Vt(t){window.location.hash=t}var It=class{constructor(s){this.now=s;this.watchers=new Set}get value(){return this.now}set(s){s!==this.now&&(this.now=s,this.again())}again(){for(let s of[...this.watchers])s()}watch(s){return this.watchers.add(s),()=>this.watchers.delete(s)}},on=class{constructor(s,e){this.host=s;this.store=e;s.addController(this)}get value(){return this.store.value}hostConnected(){this.stop=this.store.watch(()=>this.host.requestUpdate())}hostDisconnected(){this.stop?.()}};var Kn=class extends Error{constructor(e,n,i,r=[],l){super(n);this.status=e;this.title=n;this.detail=i;this.errors=r;this.retryAfter=l}},Bi=new It(!0),Bl=()=>{};function Yl(t){Bl=t}async function ct(t,s,e,n){let i={method:t,headers:{accept:"application/json"},credentials:"same-origin"};n&&(i.signal=n),e!==void 0&&(i.body=JSON.stringify(e),i.headers={...i.headers,"content-type":"application/json"});let r,l;try{r=await fetch(s,i),l=await r.text()}catch(d){throw n?.aborted?d:(Bi.set(!1),new Kn(0,"The daemon does not answer","It may have stopped, or be starting. This page keeps trying."))}if(Bi.set(!0),r.ok)return{value:l===""?void 0:JSON.parse(l),text:l,status:r.status};throw r.status===401&&s!=="/v1/session"&&Bl(),Xd(r,l)}function Xd(t,s){let e=Number(t.headers.get("retry-after")??Number.NaN),n=Number.isFinite(e)?e:void 0;try{let i=JSON.parse(s),r=i.title??`The daemon answered ${t.status}`;return new Kn(t.status,r,i.detail??"",i.errors??[],n)}catch{return new Kn(t.status,`The daemon answered ${t.status}`,s.slice(0,500),[],n)}}async function pe(t,s={},e){return(await ct("GET",t+ai(s),void 0,e)).value}async function ut(t,s={}){return(await ct("POST",t,s)).value}var Fe=encodeURIComponent;function Pt(t){return t instanceof Kn?t:new Kn(0,"This page failed",String(t))}var ep=/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;function Mt(t,s=300){return(t.length>s?`${t.slice(0,s)}…`:t).replace(ep,n=>`\\u{${n.codePointAt(0)?.toString(16)}}`)}function be(t,s=300){return Mt(t.replace(/\s+/g," "),s)}function Q(t){return Math.round(t).toString().replace(/\B(?=(\d{3})+$)/g," ")}function Ge(t,s,e=`${s}s`){return`${Q(t)} ${t===1?s:e}`}function oi(t){let s=[[1e12,"T"],[1e9,"G"],[1e6,"M"],[1e3,"k"]];for(let[e,n]of s)if(Math.abs(t)>=e*.9995)return li(t/e)+n;return li(t)}function li(t){let s=Math.abs(t),e=s>=99.95||Number.isInteger(t)?0:s>=9.995?1:2;return t.toFixed(e).replace(/(\.\d*?)0+$/,"$1").replace(/\.$/,"")}function gn(t){return t==null?"–":t>0&&t<.005?"<0.01":oi(t)}function Qn(t){if(t==null)return"–";let s=t*100,e=s===100||s===0?s.toFixed(0):s.toFixed(s>99?2:1);return`${e==="100.00"?"99.99":e.replace(/\.0$/,"")} %`}function $t(t){return t==null?"–":t<1e3?`${li(t<.1&&t>0?.1:Math.round(t*10)/10)} ms`:t<6e4?`${li(t/1e3)} s`:Ps(t/1e3)}function Ps(t){let s=[[86400,"d"],[3600,"h"],[60,"min"],[1,"s"]],e=Math.max(0,Math.round(t)),n=[];for(let[i,r]of s){let l=Math.floor(e/i);if(e-=l*i,l>0)n.push(`${l} ${r}`);else if(n.length>0)break;if(n.length===2)break}return n.join(" ")||"0 s"}function An(t){let s=["B","KiB","MiB","GiB","TiB"],e=t,n=0;for(;e>=1024&&n<s.length-1;)e/=1024,n+=1;return`${li(e)} ${s[n]}`}var ra=t=>t.toString().padStart(2,"0");function Jl(t,s){let e=new Date(t);if(Number.isNaN(e.getTime()))return Mt(t,40);let n=`${ra(e.getHours())}:${ra(e.getMinutes())}`;if(e.toDateString()===s.toDateString())return`${n}:${ra(e.getSeconds())}`;let i=["Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"][e.getMonth()],r=e.getFullYear()===s.getFullYear()?"":` ${e.getFullYear()}`;return`${e.getDate()} ${i}${r} ${n}`}function aa(t,s){let e=(s.getTime()-new Date(t).getTime())/1e3;if(Number.isNaN(e))return Mt(t,40);if(Math.abs(e)<1)return"now";let[n]=Ps(Math.abs(e)).split(" ");return e>0?`${n} ago`:`in ${n}`}function la(t){return t.replace(/,/g,"")}function ci(t){return t?t.slice(0,12):"–"}var Ct=new It({state:"idle",messages:0}),tp=5e3,Yi=new Set,vn,oa,Kl;function Ms(t){return Yi.add(t),Ji(),()=>{Yi.delete(t),setTimeout(Ji,0)}}function Ji(){let t=Yi.size>0&&!document.hidden;t&&!vn?np():!t&&vn&&Ql("idle")}function np(){clearTimeout(Kl),Ct.set({...Ct.value,state:"connecting"}),vn=new EventSource(`/v1/events/stream${oa===void 0?"":`?after=${encodeURIComponent(oa)}`}`),vn.addEventListener("open",()=>Ct.set({...Ct.value,state:"open"})),vn.addEventListener("error",()=>{vn?.readyState===EventSource.CLOSED?(Ql("broken"),Kl=setTimeout(Ji,tp)):Ct.set({...Ct.value,state:"connecting"})});for(let t of["event","settled","gap"])vn.addEventListener(t,s=>{s.lastEventId!==""&&(oa=s.lastEventId),Ct.set({...Ct.value,messages:Ct.value.messages+1});for(let e of[...Yi])e(t,s.data)})}function Ql(t){vn?.close(),vn=void 0,Ct.set({...Ct.value,state:t})}document.addEventListener("visibilitychange",Ji);var Z=class{constructor(s,e,n){this.host=s;this.fetch=e;this.every=n;this.wanted=!1;this.connected=!1;this.seen=()=>{document.hidden?clearTimeout(this.timer):this.every!==void 0&&this.load()};s.addController(this)}hostConnected(){this.connected=!0,document.addEventListener("visibilitychange",this.seen),this.load()}hostDisconnected(){this.connected=!1,document.removeEventListener("visibilitychange",this.seen),clearTimeout(this.timer),this.running?.abort(),this.running=void 0}restart(){this.running?.abort(),this.running=void 0,this.value=void 0,this.problem=void 0,this.load()}async load(){if(this.running){this.wanted=!0;return}clearTimeout(this.timer);let s=new AbortController;this.running=s;try{let e=await this.fetch(s.signal);if(this.running!==s)return;this.value=e,this.problem=void 0,this.at=new Date}catch(e){if(this.running!==s)return;this.problem=Pt(e)}this.running=void 0,this.host.requestUpdate(),this.wanted?(this.wanted=!1,this.load()):this.connected&&this.every!==void 0&&!document.hidden&&(this.timer=setTimeout(()=>{this.load()},this.every))}};var sp={name:null,scopes:["publish","read","operate","admin"],channels:null,required:!1},cn=new It({state:"asking"});Yl(()=>cn.set({state:"out"}));async function ca(){try{let{value:t}=await ct("GET","/v1/session");cn.set({state:"in",who:t})}catch(t){let s=Pt(t);s.status===404?cn.set({state:"in",who:sp}):s.status===401?cn.set({state:"out"}):cn.set({state:"failed",problem:s})}}async function Zl(t){await ct("POST","/v1/session",{token:t}),await ca()}async function Xl(){try{await ct("DELETE","/v1/session")}catch(t){let s=Pt(t);cn.set(s.status===401?{state:"out"}:{state:"failed",problem:s});return}cn.set({state:"out"})}function Ki(t,s){let e=cn.value;if(e.state!=="in")return"Sign in first.";let n=e.who.name===null?"This needs a token: without one there is":`The token ${e.who.name} lacks`;if(!e.who.scopes.includes(t))return`${n}${e.who.name===null?" no":" the"} scope ${t}.`;if(s!==void 0&&e.who.channels&&!e.who.channels.includes(s))return`The token ${e.who.name??""} is not for the channel ${s}.`}var da="fanfare-theme";function ip(){try{let t=localStorage.getItem(da);return t==="light"||t==="dark"?t:"system"}catch{return"system"}}var Zn=new It(ip());function eo(t){try{t==="system"?localStorage.removeItem(da):localStorage.setItem(da,t)}catch{}to(t),Zn.set(t)}function to(t){t==="system"?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=t}to(Zn.value);matchMedia("(prefers-color-scheme: dark)").addEventListener("change",()=>Zn.again());var rp={overview:ae`<path d="M3 10.500 8 4l5 6.500M3 13h10"/>`,events:ae`<path d="M2.500 4h11M2.500 8h11M2.500 12h7"/>`,channels:ae`<circle cx="3.500" cy="8" r="1.500"/><path d="M5 8h2.500m0 0C10 8 9.500 3.500 13.500 3.500M7.500 8h6M7.500 8c2.500 0 2 4.500 6 4.500"/>`,letters:ae`<path d="M2.500 4h11v8h-11zM2.500 4.500 8 9l5.500-4.500"/>`,plugins:ae`<path d="M6 2.500v3M10 2.500v3M4 5.500h8V8a4 4 0 0 1-8 0zM8 12v2"/>`,schemas:ae`<path d="M6 2.500C4 2.500 5 7 3 8c2 1 1 5.500 3 5.500M10 2.500c2 0 1 4.500 3 5.500-2 1-1 5.500-3 5.500"/>`,recipients:ae`<circle cx="8" cy="5.500" r="2.500"/><path d="M3 13.500c.5-3 2.500-4 5-4s4.500 1 5 4"/>`,config:ae`<path d="M3 4.500h6M12 4.500h1M3 11.500h1M7 11.500h6"/><circle cx="10.500" cy="4.500" r="1.500"/><circle cx="5.500" cy="11.500" r="1.500"/>`,success:ae`<path d="m3 8.500 3.200 3.200L13 5"/>`,failed:ae`<path d="m4 4 8 8M12 4l-8 8"/>`,pending:ae`<circle cx="8" cy="8" r="5.300"/><path d="M8 5v3.200l2 1.300"/>`,skipped:ae`<path d="M3 8h10M10 5l3 3-3 3"/>`,partial:ae`<circle cx="8" cy="8" r="5.300"/><path d="M8 2.700v10.600"/><path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor"/>`,none:ae`<path d="M4 8h8"/>`,pause:ae`<path d="M5.500 3.500v9M10.500 3.500v9"/>`,play:ae`<path d="M5 3.500 12 8l-7 4.500z"/>`,test:ae`<path d="M9 2 4 9h4l-1 5 5-7H8z"/>`,again:ae`<path d="M13 8a5 5 0 1 1-1.500-3.500M13 2.500V5h-2.500"/>`,trash:ae`<path d="M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.5 9h6l.5-9"/>`,search:ae`<circle cx="7" cy="7" r="4"/><path d="m10 10 3.500 3.500"/>`,close:ae`<path d="m4 4 8 8M12 4l-8 8"/>`,menu:ae`<path d="M2.500 4.500h11M2.500 8h11M2.500 11.500h11"/>`,sun:ae`<circle cx="8" cy="8" r="3"/><path d="M8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1"/>`,moon:ae`<path d="M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z"/>`,system:ae`<path d="M2.500 3.500h11v7.500h-11zM6 13.500h4"/>`,warning:ae`<path d="M8 2.500 14 13H2zM8 6.500v3M8 11v.5"/>`,copy:ae`<path d="M5.500 5.500h8v8h-8zM3 10.500H2.500v-8h8V3"/>`,right:ae`<path d="m6 3.500 4.500 4.500L6 12.500"/>`,out:ae`<path d="M6 3H3v10h3M7 8h6M10.500 5.500 13 8l-2.500 2.500"/>`};function H(t){return c`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${rp[t]}</svg>`}var se=class extends En{createRenderRoot(){return this}};var ap={0:"Check that the daemon runs: fanfare status.",401:"Sign in with a token that is still valid.",403:"Use a token with the scope that this needs.",429:"Wait a moment.",503:"The daemon is busy. This page keeps trying."};function te(t){if(!t)return $;let s=t.retryAfter?`Try again in ${Ps(t.retryAfter)}.`:ap[t.status];return c`<div class="problem" role="alert">
    ${H("warning")}
    <div>
      <strong>${be(t.title,200)}</strong>
      ${t.detail?c`<p>${Mt(t.detail,2e3)}</p>`:$}
      ${t.errors.length>0?c`<ul>
              ${t.errors.slice(0,20).map(e=>c`<li><code>${be(e.pointer,100)}</code> ${be(e.detail)}</li>`)}
            </ul>`:$}
      ${s?c`<p class="faint">${s}</p>`:$}
    </div>
  </div>`}function Be(t,s){return c`<div class="empty">
    <strong>${t}</strong>
    <div>${s}</div>
  </div>`}function Ae(){return c`<div class="loading" role="status">Loading …</div>`}var di=class{constructor(s){this.question=s}},Kt=class extends se{constructor(){super(...arguments);this.busy=!1;this.reason="";this.typed="";this.back=null;this.enter=e=>{e.key==="Enter"&&this.querySelector("[data-confirm]")?.click()};this.act=async()=>{let e=this.question;if(!(!e||this.busy)){this.busy=!0,this.problem=void 0;try{let n=await e.act(this.reason.trim());n instanceof di?await this.show(n.question):(this.box.close(),pa(n))}catch(n){this.problem=Pt(n)}this.busy=!1}};this.closed=()=>{this.question=void 0,this.back instanceof HTMLElement&&this.back.isConnected&&this.back.focus()}}ask(e){this.back=document.activeElement,this.show(e)}async show(e){if(this.question=e,this.counted=void 0,this.problem=void 0,this.busy=!1,this.reason="",this.typed="",await this.updateComplete,this.box.open||this.box.showModal(),!!e.count)try{let n=await e.count();this.question===e&&(this.counted=n)}catch(n){this.problem=Pt(n)}}render(){let e=this.question,n=e?.count!==void 0&&this.counted===void 0,i=this.counted?.matched===0,r=e?.phrase!==void 0&&this.typed.trim()!==e.phrase;return c`<dialog aria-labelledby="question" @close=${this.closed}>
      ${e?c`<h2 id="question">${e.title}</h2>
              <div class="body">${e.body}</div>
              ${e.count?c`<p class="count" role="status">
                      ${this.counted?this.counted.sentence:this.problem?"":"Counting …"}
                    </p>`:$}
              ${e.reason?c`<label class="field"
                      >${e.reason}
                      <input
                        maxlength="1000"
                        .value=${this.reason}
                        @input=${l=>this.reason=no(l)}
                        @keydown=${this.enter}
                      />
                    </label>`:$}
              ${e.phrase&&!i?c`<label class="field"
                      >Type <b>${e.phrase}</b> to go on
                      <input
                        autocomplete="off"
                        spellcheck="false"
                        .value=${this.typed}
                        @input=${l=>this.typed=no(l)}
                        @keydown=${this.enter}
                      />
                    </label>`:$}
              ${te(this.problem)}
              <div class="buttons">
                <button @click=${()=>this.box.close()}>${e.close??"Cancel"}</button>
                <button
                  class="${e.danger?"danger":"primary"}"
                  data-confirm
                  ?disabled=${n||i||r||this.busy}
                  @click=${this.act}
                >
                  ${this.busy?"Working …":e.action}
                </button>
              </div>`:$}
    </dialog>`}};T([Ee()],Kt.prototype,"question",2),T([Ee()],Kt.prototype,"counted",2),T([Ee()],Kt.prototype,"problem",2),T([Ee()],Kt.prototype,"busy",2),T([Ee()],Kt.prototype,"reason",2),T([Ee()],Kt.prototype,"typed",2),T([Gl("dialog")],Kt.prototype,"box",2),Kt=T([le("ff-dialog")],Kt);function no(t){return t.target.value}function ht(t){document.querySelector("ff-dialog")?.ask(t)}var Cs=new It([]),lp=0;function pa(t){let s=lp+=1;Cs.set([...Cs.value.slice(-2),{id:s,text:t}]),setTimeout(()=>so(s),8e3)}function so(t){Cs.set(Cs.value.filter(s=>s.id!==t))}function io(t){return c`<div class="notices" role="status" aria-live="polite">
    ${t.map(({id:s,text:e})=>c`<div class="notice">
          ${H("success")}<span>${e}</span>
          <button class="quiet" aria-label="Dismiss" @click=${()=>so(s)}>${H("close")}</button>
        </div>`)}
  </div>`}function Qi(t,s){let e=/^(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)$/.exec(t.trim());if(e){let i={s:1,m:60,min:60,h:3600,d:86400,w:604800}[e[2]];return new Date(s.getTime()-Number(e[1])*i*1e3).toISOString()}let n=/^\d{4}-\d\d-\d\d/.test(t.trim())?new Date(t.trim()):void 0;return n&&!Number.isNaN(n.getTime())?n.toISOString():t.trim()||void 0}var op=["type","status","channel","source"];function ro(t,s){let e=Object.fromEntries(op.map(n=>[n,t.get(n)]));return e.since=Qi(t.get("since")??"",s),e.until=Qi(t.get("until")??"",s),e}var cp=["channel","type","class","code"];function Zi(t,s){let e=Object.fromEntries(cp.map(n=>[n,t.get(n)]));return e.since=Qi(t.get("since")??"",s),e.until=Qi(t.get("until")??"",s),e}function ao(t){let s=Object.entries(t).filter(([,e])=>e!=null&&e!=="");return s.length===0?{all:!0}:Object.fromEntries(s)}function Xi(t){return Object.entries(t).filter(([,e])=>e!=null&&e!=="").map(([e,n])=>`${e} ${String(n)}`).join(", ")}function lo(t){let s=new Map;for(let e of t){let n=JSON.stringify([e.channel,e.class,e.code]),i=s.get(n)??{channel:e.channel,class:e.class,code:e.code,items:[]};i.items.push(e),s.set(n,i)}return[...s.values()].sort((e,n)=>n.items.length-e.items.length||(e.code<n.code?-1:1))}function _(t,s=300){return c`<bdi class="said" title=${Mt(t??"",2e3)}>${be(t??"",s)}</bdi>`}function Y(t,s=120){return c`<bdi class="mono said" title=${Mt(t??"",2e3)}>${be(t??"",s)}</bdi>`}function He(t){return t?c`<time datetime=${t} title="${t}, ${aa(t,new Date)}">${Jl(t,new Date)}</time>`:c`<span class="faint">–</span>`}function Ue(t){return t?c`<time datetime=${t} title=${t}>${aa(t,new Date)}</time>`:c`<span class="faint">–</span>`}var oo={success:["ok","success","delivered"],failed:["bad","failed","failed"],pending:["wait","pending","pending"],skipped:["quiet","skipped","skipped"],partial:["warn","partial","partial"],unrouted:["quiet","none","unrouted"],cancelled:["quiet","close","cancelled"]};function pi(t){let[s,e,n]=oo[t]??["quiet","none",t];return c`<span class="status ${s}">${H(e)}${n}</span>`}var dp={active:["ok","success"],missing:["bad","none"],failed:["bad","failed"],paused:["wait","pause"],suspended:["warn","warning"],open:["warn","warning"],unconfigured:["quiet","config"],running:["wait","again"],done:["ok","success"],finished:["ok","success"],cancelled:["quiet","close"],ok:["ok","success"],rejected:["bad","failed"]};function Qe(t){let[s,e]=dp[t]??["quiet","none"];return c`<span class="status ${s}">${H(e)}${t}</span>`}function co(t,s,e){let[n,i,r]=oo[s]??["quiet","none",s];return c`<a class="chip ${n}" href=${U(["channels",t])} title=${Mt(e,1e3)}
    >${H(i)}<bdi>${be(t,40)}</bdi><span class="hidden">: ${r}</span></a
  >`}function Ze(t,s){return c`<span class="fault"
    ><span class="class">${be(t,40)}</span>${s?c` ${Y(s,60)}`:""}</span
  >`}function er(t){let s=t.split("_");return c`<code>${s.map((e,n)=>n===0?e:c`_<wbr />${e}`)}</code>`}var po={replay:"replay",manual:"redriven",fallback:"as a fallback"};function pp(t,s){let e=Object.entries(t).flatMap(([n,i])=>i.map(r=>({at:r.started,channel:n,attempt:r})));for(let[n,i]of Object.entries(s))if(i.skipped_replay){let{at:r,reason:l,detail:d}=i.skipped_replay;e.push({at:r,channel:n,skipped:{reason:l,detail:d,again:" (replay)"}})}else if(i.status==="skipped"){let r=i.fallback_for?" (as a fallback)":"";e.push({at:i.timestamp,channel:n,skipped:{reason:i.reason??"",detail:i.detail??"",again:r}})}return e.sort((n,i)=>Date.parse(n.at)-Date.parse(i.at)||(n.attempt?.number??0)-(i.attempt?.number??0))}function uo(t){let{attempts:s={},stages:e=[],result:n}=t,i=Date.parse(n.broadcast_at),r=l=>`+${$t(Math.max(0,Date.parse(l)-i))}`;return c`<ol class="timeline">
    ${e.map(l=>c`<li class=${l.class?"bad":"quiet"}>
          <span class="mark">${H(l.class?"failed":"none")}</span>
          <div class="step">
            <div class="step-head">
              <b>stage ${_(l.stage,60)}</b> <span>${l.did}</span>
              <span class="cost">${$t(l.duration_ms)}</span>
            </div>
            ${l.changed?.length?c`<div class="faint">changed ${l.changed.slice(0,20).map(d=>c`${Y(d)} `)}</div>`:$}
            ${l.class?c`<div>${Ze(l.class,l.code??"")} ${_(l.reason,500)}</div>`:$}
          </div>
        </li>`)}
    <li class="begin">
      <span class="mark">${H("right")}</span>
      <div class="step">
        <div class="step-head"><b>accepted</b> ${He(n.broadcast_at)}</div>
      </div>
    </li>
    ${pp(s,n.channels).map(l=>up(l,r))}
    ${Object.entries(n.channels).filter(([,l])=>l.status==="pending").map(([l,d])=>c`<li class="wait">
            <span class="mark">${H("pending")}</span>
            <div class="step">
              <div class="step-head">
                <b><a href=${U(["channels",l])}>${_(l,60)}</a></b> ${ua(d)}
              </div>
            </div>
          </li>`)}
  </ol>`}function ua(t){let s=t.until??t.next_attempt_at;return t.waiting_for?c`<span>waits for ${t.waiting_for}${s?c`, goes on ${Ue(s)}`:$}</span>`:c`<span>is due, or being attempted</span>`}function up(t,s){let{attempt:e,skipped:n,channel:i,at:r}=t,l=n?"quiet":e?.class?"bad":"ok";return c`<li class=${l}>
    <span class="mark">${H(n?"skipped":e?.class?"failed":"success")}</span>
    <div class="step">
      <div class="step-head">
        <b><a href=${U(["channels",i])}>${_(i,60)}</a></b>
        ${e?c`<span>${e.class?"failed":"delivered"}</span>`:c`<span>skipped${n?.again}</span>`}
        ${e?c`<span class="faint">attempt ${e.number}${po[e.trigger]?`, ${po[e.trigger]}`:""}</span>`:$}
        <time class="faint" datetime=${r} title=${r}>${s(r)}</time>
      </div>
      ${e?ha(e):c`<div>${Y(n?.reason)} ${_(n?.detail,500)}</div>`}
    </div>
  </li>`}function ha(t){return c`${t.class?c`<div class="why">${Ze(t.class,t.code??"")} ${_(t.error,1e3)}</div>`:$}
  ${fa(t)} ${ma(t.trace)}`}function fa(t){return c`<dl class="costs">
    <div>
      <dt>took</dt>
      <dd>${$t(t.duration_ms)}</dd>
    </div>
    <div>
      <dt>fuel</dt>
      <dd title=${t.fuel}>${oi(t.fuel)}</dd>
    </div>
    <div>
      <dt>memory</dt>
      <dd title=${`${t.memory} bytes`}>${An(t.memory)}</dd>
    </div>
    ${t.plugin===void 0?$:c`<div>
            <dt>plugin</dt>
            <dd>${Y(t.plugin,16)}</dd>
          </div>`}
  </dl>`}function ma(t){return t?.length?c`<pre class="trace" tabindex="0" role="region" aria-label="What the plugin logged">
${t.map(s=>`${Mt(s,2e3)}
`)}</pre>`:$}function ke(t,s,e,n,i={}){let r=Ki(e,i.channel)??i.off;return c`<button
    class=${i.danger?"danger-quiet":""}
    ?disabled=${r!==void 0}
    title=${r??i.label??""}
    aria-label=${i.label??t}
    @click=${n}
  >
    ${H(s)}${t}
  </button>`}var ho=t=>c`<a href=${U(["dead-letters"])}>job ${t}</a>`;function tr(t,s){ht({title:`Pause ${be(t.name,60)}?`,body:"No attempts are made until it is resumed. Events are still accepted for it and kept.",count:async()=>({matched:1,sentence:`${Ge(t.pending,"delivery","deliveries")} pending, ${t.in_flight} in flight; those in flight will finish.`}),reason:"Reason, shown to other operators",action:"Pause",danger:!0,act:async e=>(await ut(`/v1/channels/${Fe(t.name)}/pause`,{reason:e}),s(),`${be(t.name,60)} is paused.`)})}function nr(t,s){ht({title:`Resume ${be(t.name,60)}?`,body:"Pending deliveries are attempted again.",count:async()=>({matched:1,sentence:`${Ge(t.pending,"delivery","deliveries")} pending.`}),action:"Resume",act:async()=>(await ut(`/v1/channels/${Fe(t.name)}/resume`),s(),`${be(t.name,60)} is resumed.`)})}function sr(t){ht({title:`Test ${be(t,60)}?`,body:c`Sends one sample event to this channel only. <b>Its receiver gets it</b>; nothing is recorded.`,action:"Send the sample",act:()=>fo(t)})}async function fo(t){let s=await ut(`/v1/channels/${Fe(t)}/test`);return new di({title:s.status==="success"?`${be(t,60)} delivered the sample`:`${be(t,60)} failed`,body:c`${s.class?c`<p>${Ze(s.class,s.code??"")} ${_(s.error,1e3)}</p>`:$}
    ${fa(s)} ${ma(s.trace)}`,close:"Close",action:"Send another",act:()=>fo(t)})}function mo(t,s){ht({title:`Forget ${be(t,60)}?`,body:"The channel is no longer configured. Its pending deliveries end as dead letters.",count:async()=>{let{pending:e}=await ut(`/v1/channels/${Fe(t)}/forget`,{dry_run:!0});return{matched:e,sentence:`${Ge(e,"pending delivery ends","pending deliveries end")}.`}},phrase:"forget",action:"Forget",danger:!0,act:async()=>{let{ended:e}=await ut(`/v1/channels/${Fe(t)}/forget`,{dry_run:!1});return s(),`${Ge(e,"delivery","deliveries")} ended.`}})}function dn(t,s,e){let n=ao(s),i=Xi(s),r=`/v1/dead-letters/${t}`;ht({title:t==="replay"?"Redrive dead letters?":"Purge dead letters?",body:c`<p>${i?c`Those with ${_(i,300)}.`:"All of them."}</p>
      <p>
        ${t==="replay"?"Each begins another round of attempts under the same delivery id. A job does the work and never delays live events.":"Purged dead letters are deleted and cannot be redriven."}
      </p>`,count:async()=>{let{matched:l}=await ut(r,{...n,dry_run:!0}),d=t==="replay"?["is redriven","are redriven"]:["is purged","are purged"];return{matched:l,sentence:l===0?"No dead letter matches.":`${Ge(l,"dead letter")} ${d[l===1?0:1]}.`}},...t==="purge"?{phrase:"purge"}:{},action:t==="replay"?"Redrive":"Purge",danger:t==="purge",act:async()=>{let l=await ut(r,{...n,dry_run:!1});return e(),c`${Ge(l.matched,"dead letter")}: ${ho(l.replay)} works through them.`}})}function go(t,s,e){let n={after:t.offset-1,until:t.offset,channels:[s]};ht({title:`Replay this event to ${be(s,60)}?`,body:"The channel gets it again under the same delivery id, so its receiver may recognize and ignore it.",count:async()=>{let{matched:i}=await ut("/v1/replays",{...n,dry_run:!0});return{matched:i,sentence:`${Ge(i,"event")} is replayed.`}},action:"Replay",act:async()=>{let i=await ut("/v1/replays",n);return e(),c`${ho(i.id)} replays it.`}})}function vo(t,s,e){ht({title:`Drop the delivery to ${be(s,60)}?`,body:"The delivery ends now, as a dead letter with your reason.",reason:"Reason (required)",action:"Drop",danger:!0,act:async n=>(await ut(`/v1/deliveries/${Fe(t)}/drop`,{reason:n}),e(),"It is a dead letter now.")})}var hp="uplot",fp="u-hz",mp="u-vt",gp="u-title",vp="u-wrap",bp="u-under",$p="u-over",yp="u-axis",ts="u-off",wp="u-select",xp="u-cursor-x",kp="u-cursor-y",Sp="u-cursor-pt",_p="u-legend",Tp="u-live",Ep="u-inline",Ap="u-series",Pp="u-marker",bo="u-label",Mp="u-value",hi="width",fi="height";var $o="bottom",Rs="left",ga="right",Da="#000",yo=Da+"0",va="mousemove",wo="mousedown",ba="mouseup",xo="mouseenter",ko="mouseleave",So="dblclick",Cp="resize",Rp="scroll",_o="change",or="dppxchange",La="--",js=typeof window<"u",ka=js?document:null,Ls=js?window:null,Dp=js?navigator:null,we,ir;function Sa(){let t=devicePixelRatio;we!=t&&(we=t,ir&&Ta(_o,ir,Sa),ir=matchMedia(`(min-resolution: ${we-.001}dppx) and (max-resolution: ${we+.001}dppx)`),ns(_o,ir,Sa),Ls.dispatchEvent(new CustomEvent(or)))}function Rt(t,s){if(s!=null){let e=t.classList;!e.contains(s)&&e.add(s)}}function _a(t,s){let e=t.classList;e.contains(s)&&e.remove(s)}function Ne(t,s,e){t.style[s]=e+"px"}function Qt(t,s,e,n){let i=ka.createElement(t);return s!=null&&Rt(i,s),e?.insertBefore(i,n),i}function Ft(t,s){return Qt("div",t,s)}var To=new WeakMap;function pn(t,s,e,n,i){let r="translate("+s+"px,"+e+"px)",l=To.get(t);r!=l&&(t.style.transform=r,To.set(t,r),s<0||e<0||s>n||e>i?Rt(t,ts):_a(t,ts))}var Eo=new WeakMap;function Ao(t,s,e){let n=s+e,i=Eo.get(t);n!=i&&(Eo.set(t,n),t.style.background=s,t.style.borderColor=e)}var Po=new WeakMap;function Mo(t,s,e,n){let i=s+""+e,r=Po.get(t);i!=r&&(Po.set(t,i),t.style.height=e+"px",t.style.width=s+"px",t.style.marginLeft=n?-s/2+"px":0,t.style.marginTop=n?-e/2+"px":0)}var Na={passive:!0},Lp={...Na,capture:!0};function ns(t,s,e,n){s.addEventListener(t,e,n?Lp:Na)}function Ta(t,s,e,n){s.removeEventListener(t,e,Na)}js&&Sa();function Zt(t,s,e,n){let i;e=e||0,n=n||s.length-1;let r=n<=2147483647;for(;n-e>1;)i=r?e+n>>1:Dt((e+n)/2),s[i]<t?e=i:n=i;return t-s[e]<=s[n]-t?e:n}function ic(t){return(e,n,i)=>{let r=-1,l=-1;for(let d=n;d<=i;d++)if(t(e[d])){r=d;break}for(let d=i;d>=n;d--)if(t(e[d])){l=d;break}return[r,l]}}var rc=t=>t!=null,ac=t=>t!=null&&t>0,pr=ic(rc),Np=ic(ac);function Op(t,s,e,n=0,i=!1){let r=i?Np:pr,l=i?ac:rc;[s,e]=r(t,s,e);let d=t[s],u=t[s];if(s>-1)if(n==1)d=t[s],u=t[e];else if(n==-1)d=t[e],u=t[s];else for(let f=s;f<=e;f++){let v=t[f];l(v)&&(v<d?d=v:v>u&&(u=v))}return[d??Pe,u??-Pe]}function ur(t,s,e,n){let i=Do(t),r=Do(s);t==s&&(i==-1?(t*=e,s/=e):(t/=e,s*=e));let l=e==10?bn:lc,d=i==1?Dt:Ut,u=r==1?Ut:Dt,f=d(l(et(t))),v=u(l(et(s))),g=Ns(e,f),y=Ns(e,v);return e==10&&(f<0&&(g=Me(g,-f)),v<0&&(y=Me(y,-v))),n||e==2?(t=g*i,s=y*r):(t=pc(t,g),s=hr(s,y)),[t,s]}function Oa(t,s,e,n){let i=ur(t,s,e,n);return t==0&&(i[0]=0),s==0&&(i[1]=0),i}var qa=.1,Co={mode:3,pad:qa},gi={pad:0,soft:null,mode:0},qp={min:gi,max:gi};function cr(t,s,e,n){return fr(e)?Ro(t,s,e):(gi.pad=e,gi.soft=n?0:null,gi.mode=n?3:0,Ro(t,s,qp))}function $e(t,s){return t??s}function zp(t,s,e){for(s=$e(s,0),e=$e(e,t.length-1);s<=e;){if(t[s]!=null)return!0;s++}return!1}function Ro(t,s,e){let n=e.min,i=e.max,r=$e(n.pad,0),l=$e(i.pad,0),d=$e(n.hard,-Pe),u=$e(i.hard,Pe),f=$e(n.soft,Pe),v=$e(i.soft,-Pe),g=$e(n.mode,0),y=$e(i.mode,0),P=s-t,C=bn(P),I=yt(et(t),et(s)),W=bn(I),B=et(W-C);(P<1e-24||B>10)&&(P=0,(t==0||s==0)&&(P=1e-24,g==2&&f!=Pe&&(r=0),y==2&&v!=-Pe&&(l=0)));let S=P||I||1e3,F=bn(S),E=Ns(10,Dt(F)),re=S*(P==0?t==0?.1:1:r),N=Me(pc(t-re,E/10),24),oe=t>=f&&(g==1||g==3&&N<=f||g==2&&N>=f)?f:Pe,ee=yt(d,N<oe&&t>=oe?oe:Xt(oe,N)),ue=S*(P==0?s==0?.1:1:l),X=Me(hr(s+ue,E/10),24),A=s<=v&&(y==1||y==3&&X>=v||y==2&&X<=v)?v:-Pe,ie=Xt(u,X>A&&s<=A?A:yt(A,X));return ee==ie&&ee==0&&(ie=100),[ee,ie]}var jp=new Intl.NumberFormat(js?Dp.language:"en-US"),za=t=>jp.format(t),Lt=Math,lr=Lt.PI,et=Lt.abs,Dt=Lt.floor,Xe=Lt.round,Ut=Lt.ceil,Xt=Lt.min,yt=Lt.max,Ns=Lt.pow,Do=Lt.sign,bn=Lt.log10,lc=Lt.log2,Hp=(t,s=1)=>Lt.sinh(t)*s,$a=(t,s=1)=>Lt.asinh(t/s),Pe=1/0;function Lo(t){return(bn((t^t>>31)-(t>>31))|0)+1}function Ea(t,s,e){return Xt(yt(t,s),e)}function oc(t){return typeof t=="function"}function he(t){return oc(t)?t:()=>t}var Vp=()=>{},cc=t=>t,dc=(t,s)=>s,Ip=t=>null,No=t=>!0,Oo=(t,s)=>t==s,Fp=/\.\d*?(?=9{6,}|0{6,})/gm,ss=t=>{if(hc(t)||Mn.has(t))return t;let s=`${t}`,e=s.match(Fp);if(e==null)return t;let n=e[0].length-1;if(s.indexOf("e-")!=-1){let[i,r]=s.split("e");return+`${ss(i)}e${r}`}return Me(t,n)};function Xn(t,s){return ss(Me(ss(t/s))*s)}function hr(t,s){return ss(Ut(ss(t/s))*s)}function pc(t,s){return ss(Dt(ss(t/s))*s)}function Me(t,s=0){if(hc(t))return t;let e=10**s,n=t*e*(1+Number.EPSILON);return Xe(n)/e}var Mn=new Map;function uc(t){return((""+t).split(".")[1]||"").length}function bi(t,s,e,n){let i=[],r=n.map(uc);for(let l=s;l<e;l++){let d=et(l),u=Me(Ns(t,l),d);for(let f=0;f<n.length;f++){let v=t==10?+`${n[f]}e${l}`:n[f]*u,g=(l>=0?0:d)+(l>=r[f]?0:r[f]),y=t==10?v:Me(v,g);i.push(y),Mn.set(y,g)}}return i}var vi={},ja=[],Os=[null,null],Pn=Array.isArray,hc=Number.isInteger,Up=t=>t===void 0;function qo(t){return typeof t=="string"}function fr(t){let s=!1;if(t!=null){let e=t.constructor;s=e==null||e==Object}return s}function Wp(t){return t!=null&&typeof t=="object"}var Gp=Object.getPrototypeOf(Uint8Array),fc="__proto__";function qs(t,s=fr){let e;if(Pn(t)){let n=t.find(i=>i!=null);if(Pn(n)||s(n)){e=Array(t.length);for(let i=0;i<t.length;i++)e[i]=qs(t[i],s)}else e=t.slice()}else if(t instanceof Gp)e=t.slice();else if(s(t)){e={};for(let n in t)n!=fc&&(e[n]=qs(t[n],s))}else e=t;return e}function Ye(t){let s=arguments;for(let e=1;e<s.length;e++){let n=s[e];for(let i in n)i!=fc&&(fr(t[i])?Ye(t[i],qs(n[i])):t[i]=qs(n[i]))}return t}var Bp=0,Yp=1,Jp=2;function Kp(t,s,e){for(let n=0,i,r=-1;n<s.length;n++){let l=s[n];if(l>r){for(i=l-1;i>=0&&t[i]==null;)t[i--]=null;for(i=l+1;i<e&&t[i]==null;)t[r=i++]=null}}}function Qp(t,s){if(eu(t)){let l=t[0].slice();for(let d=1;d<t.length;d++)l.push(...t[d].slice(1));return tu(l[0])||(l=Xp(l)),l}let e=new Set;for(let l=0;l<t.length;l++){let u=t[l][0],f=u.length;for(let v=0;v<f;v++)e.add(u[v])}let n=[Array.from(e).sort((l,d)=>l-d)],i=n[0].length,r=new Map;for(let l=0;l<i;l++)r.set(n[0][l],l);for(let l=0;l<t.length;l++){let d=t[l],u=d[0];for(let f=1;f<d.length;f++){let v=d[f],g=Array(i).fill(void 0),y=s?s[l][f]:Yp,P=[];for(let C=0;C<v.length;C++){let I=v[C],W=r.get(u[C]);I===null?y!=Bp&&(g[W]=I,y==Jp&&P.push(W)):g[W]=I}Kp(g,P,i),n.push(g)}}return n}var Zp=typeof queueMicrotask>"u"?t=>Promise.resolve().then(t):queueMicrotask;function Xp(t){let s=t[0],e=s.length,n=Array(e);for(let r=0;r<n.length;r++)n[r]=r;n.sort((r,l)=>s[r]-s[l]);let i=[];for(let r=0;r<t.length;r++){let l=t[r],d=Array(e);for(let u=0;u<e;u++)d[u]=l[n[u]];i.push(d)}return i}function eu(t){let s=t[0][0],e=s.length;for(let n=1;n<t.length;n++){let i=t[n][0];if(i.length!=e)return!1;if(i!=s){for(let r=0;r<e;r++)if(i[r]!=s[r])return!1}}return!0}function tu(t,s=100){let e=t.length;if(e<=1)return!0;let n=0,i=e-1;for(;n<=i&&t[n]==null;)n++;for(;i>=n&&t[i]==null;)i--;if(i<=n)return!0;let r=yt(1,Dt((i-n+1)/s));for(let l=t[n],d=n+r;d<=i;d+=r){let u=t[d];if(u!=null){if(u<=l)return!1;l=u}}return!0}var mc=["January","February","March","April","May","June","July","August","September","October","November","December"],gc=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function vc(t){return t.slice(0,3)}var nu=gc.map(vc),su=mc.map(vc),iu={MMMM:mc,MMM:su,WWWW:gc,WWW:nu};function ui(t){return(t<10?"0":"")+t}function ru(t){return(t<10?"00":t<100?"0":"")+t}var au={YYYY:t=>t.getFullYear(),YY:t=>(t.getFullYear()+"").slice(2),MMMM:(t,s)=>s.MMMM[t.getMonth()],MMM:(t,s)=>s.MMM[t.getMonth()],MM:t=>ui(t.getMonth()+1),M:t=>t.getMonth()+1,DD:t=>ui(t.getDate()),D:t=>t.getDate(),WWWW:(t,s)=>s.WWWW[t.getDay()],WWW:(t,s)=>s.WWW[t.getDay()],HH:t=>ui(t.getHours()),H:t=>t.getHours(),h:t=>{let s=t.getHours();return s==0?12:s>12?s-12:s},AA:t=>t.getHours()>=12?"PM":"AM",aa:t=>t.getHours()>=12?"pm":"am",a:t=>t.getHours()>=12?"p":"a",mm:t=>ui(t.getMinutes()),m:t=>t.getMinutes(),ss:t=>ui(t.getSeconds()),s:t=>t.getSeconds(),fff:t=>ru(t.getMilliseconds())};function Ha(t,s){s=s||iu;let e=[],n=/\{([a-z]+)\}|[^{]+/gi,i;for(;i=n.exec(t);)e.push(i[0][0]=="{"?au[i[1]]:i[0]);return r=>{let l="";for(let d=0;d<e.length;d++)l+=typeof e[d]=="string"?e[d]:e[d](r,s);return l}}var lu=new Intl.DateTimeFormat().resolvedOptions().timeZone;function ou(t,s){let e;return s=="UTC"||s=="Etc/UTC"?e=new Date(+t+t.getTimezoneOffset()*6e4):s==lu?e=t:(e=new Date(t.toLocaleString("en-US",{timeZone:s})),e.setMilliseconds(t.getMilliseconds())),e}var bc=t=>t%1==0,dr=[1,2,2.5,5],cu=bi(10,-32,0,dr),$c=bi(10,0,32,dr),du=$c.filter(bc),es=cu.concat($c),Va=`
`,yc="{YYYY}",zo=Va+yc,wc="{M}/{D}",mi=Va+wc,rr=mi+"/{YY}",xc="{aa}",pu="{h}:{mm}",Ds=pu+xc,jo=Va+Ds,Ho=":{ss}",Se=null;function kc(t){let s=t*1e3,e=s*60,n=e*60,i=n*24,r=i*30,l=i*365,u=(t==1?bi(10,0,3,dr).filter(bc):bi(10,-3,0,dr)).concat([s,s*5,s*10,s*15,s*30,e,e*5,e*10,e*15,e*30,n,n*2,n*3,n*4,n*6,n*8,n*12,i,i*2,i*3,i*4,i*5,i*6,i*7,i*8,i*9,i*10,i*15,r,r*2,r*3,r*4,r*6,l,l*2,l*5,l*10,l*25,l*50,l*100]),f=[[l,yc,Se,Se,Se,Se,Se,Se,1],[i*28,"{MMM}",zo,Se,Se,Se,Se,Se,1],[i,wc,zo,Se,Se,Se,Se,Se,1],[n,"{h}"+xc,rr,Se,mi,Se,Se,Se,1],[e,Ds,rr,Se,mi,Se,Se,Se,1],[s,Ho,rr+" "+Ds,Se,mi+" "+Ds,Se,jo,Se,1],[t,Ho+".{fff}",rr+" "+Ds,Se,mi+" "+Ds,Se,jo,Se,1]];function v(g){return(y,P,C,I,W,B)=>{let S=[],F=W>=l,E=W>=r&&W<l,re=g(C),N=Me(re*t,3),oe=ya(re.getFullYear(),F?0:re.getMonth(),E||F?1:re.getDate()),ee=Me(oe*t,3);if(E||F){let ue=E?W/r:0,X=F?W/l:0,A=N==ee?N:Me(ya(oe.getFullYear()+X,oe.getMonth()+ue,1)*t,3),ie=new Date(Xe(A/t)),O=ie.getFullYear(),J=ie.getMonth();for(let V=0;A<=I;V++){let fe=ya(O+X*V,J+ue*V,1),j=fe-g(Me(fe*t,3));A=Me((+fe+j)*t,3),A<=I&&S.push(A)}}else{let ue=W>=i?i:W,X=Dt(C)-Dt(N),A=ee+X+hr(N-ee,ue);S.push(A);let ie=g(A),O=ie.getHours()+ie.getMinutes()/e+ie.getSeconds()/n,J=W/n,V=y.axes[P]._space,fe=B/V;for(;A=Me(A+W,t==1?0:3),!(A>I);)if(J>1){let j=Dt(Me(O+J,6))%24,ge=g(A).getHours()-j;ge>1&&(ge=-1),A-=ge*n,O=(O+J)%24;let _e=S[S.length-1];Me((A-_e)/W,3)*fe>=.7&&S.push(A)}else S.push(A)}return S}}return[u,f,v]}var[uu,hu,fu]=kc(1),[mu,gu,vu]=kc(.001);bi(2,-53,53,[1]);function Vo(t,s){return t.map(e=>e.map((n,i)=>i==0||i==8||n==null?n:s(i==1||e[8]==0?n:e[1]+n)))}function Io(t,s){return(e,n,i,r,l)=>{let d=s.find(C=>l>=C[0])||s[s.length-1],u,f,v,g,y,P;return n.map(C=>{let I=t(C),W=I.getFullYear(),B=I.getMonth(),S=I.getDate(),F=I.getHours(),E=I.getMinutes(),re=I.getSeconds(),N=W!=u&&d[2]||B!=f&&d[3]||S!=v&&d[4]||F!=g&&d[5]||E!=y&&d[6]||re!=P&&d[7]||d[1];return u=W,f=B,v=S,g=F,y=E,P=re,N(I)})}}function bu(t,s){let e=Ha(s);return(n,i,r,l,d)=>i.map(u=>e(t(u)))}function ya(t,s,e){return new Date(t,s,e)}function Fo(t,s){return s(t)}var $u="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function Uo(t,s){return(e,n,i,r)=>r==null?La:s(t(n))}function yu(t,s){let e=t.series[s];return e.width?e.stroke(t,s):e.points.width?e.points.stroke(t,s):null}function wu(t,s){return t.series[s].fill(t,s)}var xu={show:!0,live:!0,isolate:!1,mount:Vp,markers:{show:!0,width:2,stroke:yu,fill:wu,dash:"solid"},idx:null,idxs:null,values:[]};function ku(t,s){let e=t.cursor.points,n=Ft(),i=e.size(t,s);Ne(n,hi,i),Ne(n,fi,i);let r=i/-2;Ne(n,"marginLeft",r),Ne(n,"marginTop",r);let l=e.width(t,s,i);return l&&Ne(n,"borderWidth",l),n}function Su(t,s){let e=t.series[s].points;return e._fill||e._stroke}function _u(t,s){let e=t.series[s].points;return e._stroke||e._fill}function Tu(t,s){return t.series[s].points.size}var wa=[0,0];function Eu(t,s,e){return wa[0]=s,wa[1]=e,wa}function ar(t,s,e,n=!0){return i=>{i.button==0&&(!n||i.target==s)&&e(i)}}function xa(t,s,e,n=!0){return i=>{(!n||i.target==s)&&e(i)}}var Au={show:!0,x:!0,y:!0,lock:!1,move:Eu,points:{one:!1,show:ku,size:Tu,width:0,stroke:_u,fill:Su},bind:{mousedown:ar,mouseup:ar,click:ar,dblclick:ar,mousemove:xa,mouseleave:xa,mouseenter:xa},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(t,s)=>{s.stopPropagation(),s.stopImmediatePropagation()},_x:!1,_y:!1},focus:{dist:(t,s,e,n,i)=>n-i,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},Sc={show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Ia=Ye({},Sc,{filter:dc}),_c=Ye({},Ia,{size:10}),Tc=Ye({},Sc,{show:!1}),Fa='12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',Ec="bold "+Fa,Ac=1.5,Wo={show:!0,scale:"x",stroke:Da,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Ec,side:2,grid:Ia,ticks:_c,border:Tc,font:Fa,lineGap:Ac,rotate:0},Pu="Value",Mu="Time",Go={show:!0,scale:"x",auto:!1,sorted:1,min:Pe,max:-Pe,idxs:[]};function Cu(t,s,e,n,i){return s.map(r=>r==null?"":za(r))}function Ru(t,s,e,n,i,r,l){let d=[],u=Mn.get(i)||0;e=l?e:Me(hr(e,i),u);for(let f=e;f<=n;f=Me(f+i,u))d.push(Object.is(f,-0)?0:f);return d}function Aa(t,s,e,n,i,r,l){let d=[],u=t.scales[t.axes[s].scale].log,f=u==10?bn:lc,v=Dt(f(e));i=Ns(u,v),u==10&&(i=es[Zt(i,es)]);let g=e,y=i*u;u==10&&(y=es[Zt(y,es)]);do d.push(g),g=g+i,u==10&&!Mn.has(g)&&(g=Me(g,Mn.get(i))),g>=y&&(i=g,y=i*u,u==10&&(y=es[Zt(y,es)]));while(g<=n);return d}function Du(t,s,e,n,i,r,l){let u=t.scales[t.axes[s].scale].asinh,f=n>u?Aa(t,s,yt(u,e),n,i):[u],v=n>=0&&e<=0?[0]:[];return(e<-u?Aa(t,s,yt(u,-n),-e,i):[u]).reverse().map(y=>-y).concat(v,f)}var Pc=/./,Lu=/[12357]/,Nu=/[125]/,Bo=/1/,Pa=(t,s,e,n)=>t.map((i,r)=>s==4&&i==0||r%n==0&&e.test(i.toExponential()[i<0?1:0])?i:null);function Ou(t,s,e,n,i){let r=t.axes[e],l=r.scale,d=t.scales[l],u=t.valToPos,f=r._space,v=u(10,l),g=u(9,l)-v>=f?Pc:u(7,l)-v>=f?Lu:u(5,l)-v>=f?Nu:Bo;if(g==Bo){let y=et(u(1,l)-v);if(y<f)return Pa(s.slice().reverse(),d.distr,g,Ut(f/y)).reverse()}return Pa(s,d.distr,g,1)}function qu(t,s,e,n,i){let r=t.axes[e],l=r.scale,d=r._space,u=t.valToPos,f=et(u(1,l)-u(2,l));return f<d?Pa(s.slice().reverse(),3,Pc,Ut(d/f)).reverse():s}function zu(t,s,e,n){return n==null?La:s==null?"":za(s)}var Yo={show:!0,scale:"y",stroke:Da,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Ec,side:3,grid:Ia,ticks:_c,border:Tc,font:Fa,lineGap:Ac,rotate:0};function ju(t,s){let e=3+(t||1)*2;return Me(e*s,3)}function Hu(t,s){let{scale:e,idxs:n}=t.series[0],i=t._data[0],r=t.valToPos(i[n[0]],e,!0),l=t.valToPos(i[n[1]],e,!0),d=et(l-r),u=t.series[s],f=d/(u.points.space*we);return n[1]-n[0]<=f}var Jo={scale:null,auto:!0,sorted:0,min:Pe,max:-Pe},Mc=(t,s,e,n,i)=>i,Ko={show:!0,auto:!0,sorted:0,gaps:Mc,alpha:1,facets:[Ye({},Jo,{scale:"x"}),Ye({},Jo,{scale:"y"})]},Qo={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,gaps:Mc,alpha:1,points:{show:Hu,filter:null},values:null,min:Pe,max:-Pe,idxs:[],path:null,clip:null};function Vu(t,s,e,n,i){return e/10}var Cc={time:!0,auto:!0,distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Iu=Ye({},Cc,{time:!1,ori:1}),Zo={};function Rc(t,s){let e=Zo[t];return e||(e={key:t,plots:[],sub(n){e.plots.push(n)},unsub(n){e.plots=e.plots.filter(i=>i!=n)},pub(n,i,r,l,d,u,f){for(let v=0;v<e.plots.length;v++)e.plots[v]!=i&&e.plots[v].pub(n,i,r,l,d,u,f)}},t!=null&&(Zo[t]=e)),e}var zs=1,Ma=2;function is(t,s,e){let n=t.mode,i=t.series[s],r=n==2?t._data[s]:t._data,l=t.scales,d=t.bbox,u=r[0],f=n==2?r[1]:r[s],v=n==2?l[i.facets[0].scale]:l[t.series[0].scale],g=n==2?l[i.facets[1].scale]:l[i.scale],y=d.left,P=d.top,C=d.width,I=d.height,W=t.valToPosH,B=t.valToPosV;return v.ori==0?e(i,u,f,v,g,W,B,y,P,C,I,gr,Hs,br,Lc,Oc):e(i,u,f,v,g,B,W,P,y,I,C,vr,Vs,Ga,Nc,qc)}function Ua(t,s){let e=0,n=0,i=$e(t.bands,ja);for(let r=0;r<i.length;r++){let l=i[r];l.series[0]==s?e=l.dir:l.series[1]==s&&(l.dir==1?n|=1:n|=2)}return[e,n==1?-1:n==2?1:n==3?2:0]}function Fu(t,s,e,n,i){let r=t.mode,l=t.series[s],d=r==2?l.facets[1].scale:l.scale,u=t.scales[d];return i==-1?u.min:i==1?u.max:u.distr==3?u.dir==1?u.min:u.max:0}function $n(t,s,e,n,i,r){return is(t,s,(l,d,u,f,v,g,y,P,C,I,W)=>{let B=l.pxRound,S=f.dir*(f.ori==0?1:-1),F=f.ori==0?Hs:Vs,E,re;S==1?(E=e,re=n):(E=n,re=e);let N=B(g(d[E],f,I,P)),oe=B(y(u[E],v,W,C)),ee=B(g(d[re],f,I,P)),ue=B(y(r==1?v.max:v.min,v,W,C)),X=new Path2D(i);return F(X,ee,ue),F(X,N,ue),F(X,N,oe),X})}function mr(t,s,e,n,i,r){let l=null;if(t.length>0){l=new Path2D;let d=s==0?br:Ga,u=e;for(let g=0;g<t.length;g++){let y=t[g];if(y[1]>y[0]){let P=y[0]-u;P>0&&d(l,u,n,P,n+r),u=y[1]}}let f=e+i-u,v=10;f>0&&d(l,u,n-v/2,f,n+r+v)}return l}function Uu(t,s,e){let n=t[t.length-1];n&&n[0]==s?n[1]=e:t.push([s,e])}function Wa(t,s,e,n,i,r,l){let d=[],u=t.length;for(let f=i==1?e:n;f>=e&&f<=n;f+=i)if(s[f]===null){let g=f,y=f;if(i==1)for(;++f<=n&&s[f]===null;)y=f;else for(;--f>=e&&s[f]===null;)y=f;let P=r(t[g]),C=y==g?P:r(t[y]),I=g-i;P=l<=0&&I>=0&&I<u?r(t[I]):P;let B=y+i;C=l>=0&&B>=0&&B<u?r(t[B]):C,C>=P&&d.push([P,C])}return d}function Xo(t){return t==0?cc:t==1?Xe:s=>Xn(s,t)}function Dc(t){let s=t==0?gr:vr,e=t==0?(i,r,l,d,u,f)=>{i.arcTo(r,l,d,u,f)}:(i,r,l,d,u,f)=>{i.arcTo(l,r,u,d,f)},n=t==0?(i,r,l,d,u)=>{i.rect(r,l,d,u)}:(i,r,l,d,u)=>{i.rect(l,r,u,d)};return(i,r,l,d,u,f=0,v=0)=>{f==0&&v==0?n(i,r,l,d,u):(f=Xt(f,d/2,u/2),v=Xt(v,d/2,u/2),s(i,r+f,l),e(i,r+d,l,r+d,l+u,f),e(i,r+d,l+u,r,l+u,v),e(i,r,l+u,r,l,v),e(i,r,l,r+d,l,f),i.closePath())}}var gr=(t,s,e)=>{t.moveTo(s,e)},vr=(t,s,e)=>{t.moveTo(e,s)},Hs=(t,s,e)=>{t.lineTo(s,e)},Vs=(t,s,e)=>{t.lineTo(e,s)},br=Dc(0),Ga=Dc(1),Lc=(t,s,e,n,i,r)=>{t.arc(s,e,n,i,r)},Nc=(t,s,e,n,i,r)=>{t.arc(e,s,n,i,r)},Oc=(t,s,e,n,i,r,l)=>{t.bezierCurveTo(s,e,n,i,r,l)},qc=(t,s,e,n,i,r,l)=>{t.bezierCurveTo(e,s,i,n,l,r)};function zc(t){return(s,e,n,i,r)=>is(s,e,(l,d,u,f,v,g,y,P,C,I,W)=>{let{pxRound:B,points:S}=l,F,E;f.ori==0?(F=gr,E=Lc):(F=vr,E=Nc);let re=Me(S.width*we,3),N=(S.size-S.width)/2*we,oe=Me(N*2,3),ee=new Path2D,ue=new Path2D,{left:X,top:A,width:ie,height:O}=s.bbox;br(ue,X-oe,A-oe,ie+oe*2,O+oe*2);let J=V=>{if(u[V]!=null){let fe=B(g(d[V],f,I,P)),j=B(y(u[V],v,W,C));F(ee,fe+N,j),E(ee,fe,j,N,0,lr*2)}};if(r)r.forEach(J);else for(let V=n;V<=i;V++)J(V);return{stroke:re>0?ee:null,fill:ee,clip:ue,flags:zs|Ma}})}function jc(t){return(s,e,n,i,r,l)=>{n!=i&&(r!=n&&l!=n&&t(s,e,n),r!=i&&l!=i&&t(s,e,i),t(s,e,l))}}var Wu=jc(Hs),Gu=jc(Vs);function Hc(t){let s=$e(t?.alignGaps,0);return(e,n,i,r)=>is(e,n,(l,d,u,f,v,g,y,P,C,I,W)=>{[i,r]=pr(u,i,r);let B=l.pxRound,S=O=>B(g(O,f,I,P)),F=O=>B(y(O,v,W,C)),E,re;f.ori==0?(E=Hs,re=Wu):(E=Vs,re=Gu);let N=f.dir*(f.ori==0?1:-1),oe={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:zs},ee=oe.stroke,ue=!1;if(r-i>=I*4){let O=q=>e.posToVal(q,f.key,!0),J=null,V=null,fe,j,wt,Oe=S(d[N==1?i:r]),ge=S(d[i]),_e=S(d[r]),ce=O(N==1?ge+1:_e-1);for(let q=N==1?i:r;q>=i&&q<=r;q+=N){let Je=d[q],qe=(N==1?Je<ce:Je>ce)?Oe:S(Je),xe=u[q];qe==Oe?xe!=null?(j=xe,J==null?(E(ee,qe,F(j)),fe=J=V=j):j<J?J=j:j>V&&(V=j)):xe===null&&(ue=!0):(J!=null&&re(ee,Oe,F(J),F(V),F(fe),F(j)),xe!=null?(j=xe,E(ee,qe,F(j)),J=V=fe=j):(J=V=null,xe===null&&(ue=!0)),Oe=qe,ce=O(Oe+N))}J!=null&&J!=V&&wt!=Oe&&re(ee,Oe,F(J),F(V),F(fe),F(j))}else for(let O=N==1?i:r;O>=i&&O<=r;O+=N){let J=u[O];J===null?ue=!0:J!=null&&E(ee,S(d[O]),F(J))}let[A,ie]=Ua(e,n);if(l.fill!=null||A!=0){let O=oe.fill=new Path2D(ee),J=l.fillTo(e,n,l.min,l.max,A),V=F(J),fe=S(d[i]),j=S(d[r]);N==-1&&([j,fe]=[fe,j]),E(O,j,V),E(O,fe,V)}if(!l.spanGaps){let O=[];ue&&O.push(...Wa(d,u,i,r,N,S,s)),oe.gaps=O=l.gaps(e,n,i,r,O),oe.clip=mr(O,f.ori,P,C,I,W)}return ie!=0&&(oe.band=ie==2?[$n(e,n,i,r,ee,-1),$n(e,n,i,r,ee,1)]:$n(e,n,i,r,ee,ie)),oe})}function Bu(t){let s=$e(t.align,1),e=$e(t.ascDesc,!1),n=$e(t.alignGaps,0),i=$e(t.extend,!1);return(r,l,d,u)=>is(r,l,(f,v,g,y,P,C,I,W,B,S,F)=>{[d,u]=pr(g,d,u);let E=f.pxRound,{left:re,width:N}=r.bbox,oe=ge=>E(C(ge,y,S,W)),ee=ge=>E(I(ge,P,F,B)),ue=y.ori==0?Hs:Vs,X={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:zs},A=X.stroke,ie=y.dir*(y.ori==0?1:-1),O=ee(g[ie==1?d:u]),J=oe(v[ie==1?d:u]),V=J,fe=J;i&&s==-1&&(fe=re,ue(A,fe,O)),ue(A,J,O);for(let ge=ie==1?d:u;ge>=d&&ge<=u;ge+=ie){let _e=g[ge];if(_e==null)continue;let ce=oe(v[ge]),q=ee(_e);s==1?ue(A,ce,O):ue(A,V,q),ue(A,ce,q),O=q,V=ce}let j=V;i&&s==1&&(j=re+N,ue(A,j,O));let[wt,Oe]=Ua(r,l);if(f.fill!=null||wt!=0){let ge=X.fill=new Path2D(A),_e=f.fillTo(r,l,f.min,f.max,wt),ce=ee(_e);ue(ge,j,ce),ue(ge,fe,ce)}if(!f.spanGaps){let ge=[];ge.push(...Wa(v,g,d,u,ie,oe,n));let _e=f.width*we/2,ce=e||s==1?_e:-_e,q=e||s==-1?-_e:_e;ge.forEach(Je=>{Je[0]+=ce,Je[1]+=q}),X.gaps=ge=f.gaps(r,l,d,u,ge),X.clip=mr(ge,y.ori,W,B,S,F)}return Oe!=0&&(X.band=Oe==2?[$n(r,l,d,u,A,-1),$n(r,l,d,u,A,1)]:$n(r,l,d,u,A,Oe)),X})}function ec(t,s,e,n,i,r,l=Pe){if(t.length>1){let d=null;for(let u=0,f=1/0;u<t.length;u++)if(s[u]!==void 0){if(d!=null){let v=et(t[u]-t[d]);v<f&&(f=v,l=et(e(t[u],n,i,r)-e(t[d],n,i,r)))}d=u}}return l}function Yu(t){t=t||vi;let s=$e(t.size,[.6,Pe,1]),e=t.align||0,n=t.gap||0,i=t.radius;i=i==null?[0,0]:typeof i=="number"?[i,0]:i;let r=he(i),l=1-s[0],d=$e(s[1],Pe),u=$e(s[2],1),f=$e(t.disp,vi),v=$e(t.each,P=>{}),{fill:g,stroke:y}=f;return(P,C,I,W)=>is(P,C,(B,S,F,E,re,N,oe,ee,ue,X,A)=>{let ie=B.pxRound,O=e,J=n*we,V=d*we,fe=u*we,j,wt;E.ori==0?[j,wt]=r(P,C):[wt,j]=r(P,C);let Oe=E.dir*(E.ori==0?1:-1),ge=E.ori==0?br:Ga,_e=E.ori==0?v:(D,Ce,Ke,ps,qn,tn,zn)=>{v(D,Ce,Ke,qn,ps,zn,tn)},ce=$e(P.bands,ja).find(D=>D.series[0]==C),q=ce!=null?ce.dir:0,Je=B.fillTo(P,C,B.min,B.max,q),ft=ie(oe(Je,re,A,ue)),qe,xe,Wt,St=X,je=ie(B.width*we),en=!1,un=null,Nt=null,yn=null,os=null;g!=null&&(je==0||y!=null)&&(en=!0,un=g.values(P,C,I,W),Nt=new Map,new Set(un).forEach(D=>{D!=null&&Nt.set(D,new Path2D)}),je>0&&(yn=y.values(P,C,I,W),os=new Map,new Set(yn).forEach(D=>{D!=null&&os.set(D,new Path2D)})));let{x0:cs,size:Ws}=f;if(cs!=null&&Ws!=null){O=1,S=cs.values(P,C,I,W),cs.unit==2&&(S=S.map(Ke=>P.posToVal(ee+Ke*X,E.key,!0)));let D=Ws.values(P,C,I,W);Ws.unit==2?xe=D[0]*X:xe=N(D[0],E,X,ee)-N(0,E,X,ee),St=ec(S,F,N,E,X,ee,St),Wt=St-xe+J}else St=ec(S,F,N,E,X,ee,St),Wt=St*l+J,xe=St-Wt;Wt<1&&(Wt=0),je>=xe/2&&(je=0),Wt<5&&(ie=cc);let Ci=Wt>0,Nn=St-Wt-(Ci?je:0);xe=ie(Ea(Nn,fe,V)),qe=(O==0?xe/2:O==Oe?0:xe)-O*Oe*((O==0?J/2:0)+(Ci?je/2:0));let mt={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},ds=en?null:new Path2D,hn=null;if(ce!=null)hn=P.data[ce.series[1]];else{let{y0:D,y1:Ce}=f;D!=null&&Ce!=null&&(F=Ce.values(P,C,I,W),hn=D.values(P,C,I,W))}let On=j*xe,ne=wt*xe;for(let D=Oe==1?I:W;D>=I&&D<=W;D+=Oe){let Ce=F[D];if(Ce==null)continue;if(hn!=null){let xt=hn[D]??0;if(Ce-xt==0)continue;ft=oe(xt,re,A,ue)}let Ke=E.distr!=2||f!=null?S[D]:D,ps=N(Ke,E,X,ee),qn=oe($e(Ce,Je),re,A,ue),tn=ie(ps-qe),zn=ie(yt(qn,ft)),_t=ie(Xt(qn,ft)),Ot=zn-_t;if(Ce!=null){let xt=Ce<0?ne:On,Gt=Ce<0?On:ne;en?(je>0&&yn[D]!=null&&ge(os.get(yn[D]),tn,_t+Dt(je/2),xe,yt(0,Ot-je),xt,Gt),un[D]!=null&&ge(Nt.get(un[D]),tn,_t+Dt(je/2),xe,yt(0,Ot-je),xt,Gt)):ge(ds,tn,_t+Dt(je/2),xe,yt(0,Ot-je),xt,Gt),_e(P,C,D,tn-je/2,_t,xe+je,Ot)}}return je>0?mt.stroke=en?os:ds:en||(mt._fill=B.width==0?B._fill:B._stroke??B._fill,mt.width=0),mt.fill=en?Nt:ds,mt})}function Ju(t,s){let e=$e(s?.alignGaps,0);return(n,i,r,l)=>is(n,i,(d,u,f,v,g,y,P,C,I,W,B)=>{[r,l]=pr(f,r,l);let S=d.pxRound,F=j=>S(y(j,v,W,C)),E=j=>S(P(j,g,B,I)),re,N,oe;v.ori==0?(re=gr,oe=Hs,N=Oc):(re=vr,oe=Vs,N=qc);let ee=v.dir*(v.ori==0?1:-1),ue=F(u[ee==1?r:l]),X=ue,A=[],ie=[];for(let j=ee==1?r:l;j>=r&&j<=l;j+=ee)if(f[j]!=null){let Oe=u[j],ge=F(Oe);A.push(X=ge),ie.push(E(f[j]))}let O={stroke:t(A,ie,re,oe,N,S),fill:null,clip:null,band:null,gaps:null,flags:zs},J=O.stroke,[V,fe]=Ua(n,i);if(d.fill!=null||V!=0){let j=O.fill=new Path2D(J),wt=d.fillTo(n,i,d.min,d.max,V),Oe=E(wt);oe(j,X,Oe),oe(j,ue,Oe)}if(!d.spanGaps){let j=[];j.push(...Wa(u,f,r,l,ee,F,e)),O.gaps=j=d.gaps(n,i,r,l,j),O.clip=mr(j,v.ori,C,I,W,B)}return fe!=0&&(O.band=fe==2?[$n(n,i,r,l,J,-1),$n(n,i,r,l,J,1)]:$n(n,i,r,l,J,fe)),O})}function Ku(t){return Ju(Qu,t)}function Qu(t,s,e,n,i,r){let l=t.length;if(l<2)return null;let d=new Path2D;if(e(d,t[0],s[0]),l==2)n(d,t[1],s[1]);else{let u=Array(l),f=Array(l-1),v=Array(l-1),g=Array(l-1);for(let y=0;y<l-1;y++)v[y]=s[y+1]-s[y],g[y]=t[y+1]-t[y],f[y]=v[y]/g[y];u[0]=f[0];for(let y=1;y<l-1;y++)f[y]===0||f[y-1]===0||f[y-1]>0!=f[y]>0?u[y]=0:(u[y]=3*(g[y-1]+g[y])/((2*g[y]+g[y-1])/f[y-1]+(g[y]+2*g[y-1])/f[y]),isFinite(u[y])||(u[y]=0));u[l-1]=f[l-2];for(let y=0;y<l-1;y++)i(d,t[y]+g[y]/3,s[y]+u[y]*g[y]/3,t[y+1]-g[y]/3,s[y+1]-u[y+1]*g[y]/3,t[y+1],s[y+1])}return d}var Ca=new Set;function tc(){for(let t of Ca)t.syncRect(!0)}js&&(ns(Cp,Ls,tc),ns(Rp,Ls,tc,!0),ns(or,Ls,()=>{dt.pxRatio=we}));var Zu=Hc(),Xu=zc();function nc(t,s,e,n){return(n?[t[0],t[1]].concat(t.slice(2)):[t[0]].concat(t.slice(1))).map((r,l)=>Ra(r,l,s,e))}function eh(t,s){return t.map((e,n)=>n==0?{}:Ye({},s,e))}function Ra(t,s,e,n){return Ye({},s==0?e:n,t)}function Vc(t,s,e){return s==null?Os:[s,e]}var th=Vc;function nh(t,s,e){return s==null?Os:cr(s,e,qa,!0)}function Ic(t,s,e,n){return s==null?Os:ur(s,e,t.scales[n].log,!1)}var sh=Ic;function Fc(t,s,e,n){return s==null?Os:Oa(s,e,t.scales[n].log,!1)}var ih=Fc;function rh(t,s,e,n,i){let r=yt(Lo(t),Lo(s)),l=s-t,d=Zt(i/n*l,e);do{let u=e[d],f=n*u/l;if(f>=i&&r+(u<5?Mn.get(u):0)<=17)return[u,f]}while(++d<e.length);return[0,0]}function sc(t){let s,e;return t=t.replace(/(\d+)px/,(n,i)=>(s=Xe((e=+i)*we))+"px"),[t,s,e]}function ah(t){t.show&&[t.font,t.labelFont].forEach(s=>{let e=Me(s[2]*we,1);s[0]=s[0].replace(/[0-9.]+px/,e+"px"),s[1]=e})}function dt(t,s,e){let n={mode:$e(t.mode,1)},i=n.mode;function r(a,o,p,h){let m=o.valToPct(a);return h+p*(o.dir==-1?1-m:m)}function l(a,o,p,h){let m=o.valToPct(a);return h+p*(o.dir==-1?m:1-m)}function d(a,o,p,h){return o.ori==0?r(a,o,p,h):l(a,o,p,h)}n.valToPosH=r,n.valToPosV=l;let u=!1;n.status=0;let f=n.root=Ft(hp);if(t.id!=null&&(f.id=t.id),Rt(f,t.class),t.title){let a=Ft(gp,f);a.textContent=t.title}let v=Qt("canvas"),g=n.ctx=v.getContext("2d"),y=Ft(vp,f);ns("click",y,a=>{a.target===C&&(Re!=xs||ze!=ks)&&ot.click(n,a)},!0);let P=n.under=Ft(bp,y);y.appendChild(v);let C=n.over=Ft($p,y);t=qs(t);let I=+$e(t.pxAlign,1),W=Xo(I);(t.plugins||[]).forEach(a=>{a.opts&&(t=a.opts(n,t)||t)});let B=t.ms||.001,S=n.series=i==1?nc(t.series||[],Go,Qo,!1):eh(t.series||[null],Ko),F=n.axes=nc(t.axes||[],Wo,Yo,!0),E=n.scales={},re=n.bands=t.bands||[];re.forEach(a=>{a.fill=he(a.fill||null),a.dir=$e(a.dir,-1)});let N=i==2?S[1].facets[0].scale:S[0].scale,oe={axes:yd,series:md},ee=(t.drawOrder||["axes","series"]).map(a=>oe[a]);function ue(a){let o=a.distr==3?p=>bn(p>0?p:a.clamp(n,p,a.min,a.max,a.key)):a.distr==4?p=>$a(p,a.asinh):a.distr==100?p=>a.fwd(p):p=>p;return p=>{let h=o(p),{_min:m,_max:b}=a,w=b-m;return(h-m)/w}}function X(a){let o=E[a];if(o==null){let p=(t.scales||vi)[a]||vi;if(p.from!=null){X(p.from);let h=Ye({},E[p.from],p,{key:a});h.valToPct=ue(h),E[a]=h}else{o=E[a]=Ye({},a==N?Cc:Iu,p),o.key=a;let h=o.time,m=o.range,b=Pn(m);if((a!=N||i==2&&!h)&&(b&&(m[0]==null||m[1]==null)&&(m={min:m[0]==null?Co:{mode:1,hard:m[0],soft:m[0]},max:m[1]==null?Co:{mode:1,hard:m[1],soft:m[1]}},b=!1),!b&&fr(m))){let w=m;m=(x,k,M)=>k==null?Os:cr(k,M,w)}o.range=he(m||(h?th:a==N?o.distr==3?sh:o.distr==4?ih:Vc:o.distr==3?Ic:o.distr==4?Fc:nh)),o.auto=he(b?!1:o.auto),o.clamp=he(o.clamp||Vu),o._min=o._max=null,o.valToPct=ue(o)}}}X("x"),X("y"),i==1&&S.forEach(a=>{X(a.scale)}),F.forEach(a=>{X(a.scale)});for(let a in t.scales)X(a);let A=E[N],ie=A.distr,O,J;A.ori==0?(Rt(f,fp),O=r,J=l):(Rt(f,mp),O=l,J=r);let V={};for(let a in E){let o=E[a];(o.min!=null||o.max!=null)&&(V[a]={min:o.min,max:o.max},o.min=o.max=null)}let fe=t.tzDate||(a=>new Date(Xe(a/B))),j=t.fmtDate||Ha,wt=B==1?fu(fe):vu(fe),Oe=Io(fe,Vo(B==1?hu:gu,j)),ge=Uo(fe,Fo($u,j)),_e=[],ce=n.legend=Ye({},xu,t.legend),q=n.cursor=Ye({},Au,{drag:{y:i==2}},t.cursor),Je=ce.show,ft=q.show,qe=ce.markers;ce.idxs=_e,qe.width=he(qe.width),qe.dash=he(qe.dash),qe.stroke=he(qe.stroke),qe.fill=he(qe.fill);let xe,Wt,St,je=[],en=[],un,Nt=!1,yn={};if(ce.live){let a=S[1]?S[1].values:null;Nt=a!=null,un=Nt?a(n,1,0):{_:0};for(let o in un)yn[o]=La}if(Je)if(xe=Qt("table",_p,f),St=Qt("tbody",null,xe),ce.mount(n,xe),Nt){Wt=Qt("thead",null,xe,St);let a=Qt("tr",null,Wt);Qt("th",null,a);for(var os in un)Qt("th",bo,a).textContent=os}else Rt(xe,Ep),ce.live&&Rt(xe,Tp);let cs={show:!0},Ws={show:!1};function Ci(a,o){if(o==0&&(Nt||!ce.live||i==2))return Os;let p=[],h=Qt("tr",Ap,St,St.childNodes[o]);Rt(h,a.class),a.show||Rt(h,ts);let m=Qt("th",null,h);if(qe.show){let x=Ft(Pp,m);if(o>0){let k=qe.width(n,o);k&&(x.style.border=k+"px "+qe.dash(n,o)+" "+qe.stroke(n,o)),x.style.background=qe.fill(n,o)}}let b=Ft(bo,m);a.label instanceof HTMLElement?b.appendChild(a.label):b.textContent=a.label,o>0&&(qe.show||(b.style.color=a.width>0?qe.stroke(n,o):qe.fill(n,o)),mt("click",m,x=>{if(q._lock)return;Hn(x);let k=S.indexOf(a);if((x.ctrlKey||x.metaKey)!=ce.isolate){let M=S.some((R,L)=>L>0&&L!=k&&R.show);S.forEach((R,L)=>{L>0&&sn(L,M?L==k?cs:Ws:cs,!0,We.setSeries)})}else sn(k,{show:!a.show},!0,We.setSeries)},!1),hs&&mt(xo,m,x=>{q._lock||(Hn(x),sn(S.indexOf(a),_s,!0,We.setSeries))},!1));for(var w in un){let x=Qt("td",Mp,h);x.textContent="--",p.push(x)}return[h,p]}let Nn=new Map;function mt(a,o,p,h=!0){let m=Nn.get(o)||{},b=q.bind[a](n,o,p,h);b&&(ns(a,o,m[a]=b),Nn.set(o,m))}function ds(a,o,p){let h=Nn.get(o)||{};for(let m in h)(a==null||m==a)&&(Ta(m,o,h[m]),delete h[m]);a==null&&Nn.delete(o)}let hn=0,On=0,ne=0,D=0,Ce=0,Ke=0,ps=Ce,qn=Ke,tn=ne,zn=D,_t=0,Ot=0,xt=0,Gt=0;n.bbox={};let Sr=!1,Ri=!1,us=!1,jn=!1,Di=!1,qt=!1;function _r(a,o,p){(p||a!=n.width||o!=n.height)&&Za(a,o),bs(!1),us=!0,Ri=!0,$s()}function Za(a,o){n.width=hn=ne=a,n.height=On=D=o,Ce=Ke=0,od(),cd();let p=n.bbox;_t=p.left=Xn(Ce*we,.5),Ot=p.top=Xn(Ke*we,.5),xt=p.width=Xn(ne*we,.5),Gt=p.height=Xn(D*we,.5)}let rd=3;function ad(){let a=!1,o=0;for(;!a;){o++;let p=bd(o),h=$d(o);a=o==rd||p&&h,a||(Za(n.width,n.height),Ri=!0)}}function ld({width:a,height:o}){_r(a,o)}n.setSize=ld;function od(){let a=!1,o=!1,p=!1,h=!1;F.forEach((m,b)=>{if(m.show&&m._show){let{side:w,_size:x}=m,k=w%2,M=m.label!=null?m.labelSize:0,R=x+M;R>0&&(k?(ne-=R,w==3?(Ce+=R,h=!0):p=!0):(D-=R,w==0?(Ke+=R,a=!0):o=!0))}}),Vn[0]=a,Vn[1]=p,Vn[2]=o,Vn[3]=h,ne-=wn[1]+wn[3],Ce+=wn[3],D-=wn[2]+wn[0],Ke+=wn[0]}function cd(){let a=Ce+ne,o=Ke+D,p=Ce,h=Ke;function m(b,w){switch(b){case 1:return a+=w,a-w;case 2:return o+=w,o-w;case 3:return p-=w,p+w;case 0:return h-=w,h+w}}F.forEach((b,w)=>{if(b.show&&b._show){let x=b.side;b._pos=m(x,b._size),b.label!=null&&(b._lpos=m(x,b.labelSize))}})}if(q.dataIdx==null){let a=q.hover,o=a.skip=new Set(a.skip??[]);o.add(void 0);let p=a.prox=he(a.prox),h=a.bias??=0;q.dataIdx=(m,b,w,x)=>{if(b==0)return w;let k=w,M=p(m,b,w,x)??Pe,R=M>=0&&M<Pe,L=A.ori==0?ne:D,K=q.left,ye=s[0],ve=s[b];if(o.has(ve[w])){k=null;let de=null,G=null,z;if(h==0||h==-1)for(z=w;de==null&&z-- >0;)o.has(ve[z])||(de=z);if(h==0||h==1)for(z=w;G==null&&z++<ve.length;)o.has(ve[z])||(G=z);if(de!=null||G!=null)if(R){let Le=de==null?-1/0:O(ye[de],A,L,0),Ve=G==null?1/0:O(ye[G],A,L,0),at=K-Le,Te=Ve-K;at<=Te?at<=M&&(k=de):Te<=M&&(k=G)}else k=G==null?de:de==null?G:w-de<=G-w?de:G}else R&&et(K-O(ye[w],A,L,0))>M&&(k=null);return k}}let Hn=a=>{q.event=a};q.idxs=_e,q._lock=!1;let pt=q.points;pt.show=he(pt.show),pt.size=he(pt.size),pt.stroke=he(pt.stroke),pt.width=he(pt.width),pt.fill=he(pt.fill);let nn=n.focus=Ye({},t.focus||{alpha:.3},q.focus),hs=nn.prox>=0,fs=hs&&pt.one,zt=[],ms=[],gs=[];function Xa(a,o){let p=pt.show(n,o);if(p instanceof HTMLElement)return Rt(p,Sp),Rt(p,a.class),pn(p,-10,-10,ne,D),C.insertBefore(p,zt[o]),p}function el(a,o){if(i==1||o>0){let p=i==1&&E[a.scale].time,h=a.value;a.value=p?qo(h)?Uo(fe,Fo(h,j)):h||ge:h||zu,a.label=a.label||(p?Mu:Pu)}if(fs||o>0){a.width=a.width==null?1:a.width,a.paths=a.paths||Zu||Ip,a.fillTo=he(a.fillTo||Fu),a.pxAlign=+$e(a.pxAlign,I),a.pxRound=Xo(a.pxAlign),a.stroke=he(a.stroke||null),a.fill=he(a.fill||null),a._stroke=a._fill=a._paths=a._focus=null;let p=ju(yt(1,a.width),1),h=a.points=Ye({},{size:p,width:yt(1,p*.2),stroke:a.stroke,space:p*2,paths:Xu,_stroke:null,_fill:null},a.points);h.show=he(h.show),h.filter=he(h.filter),h.fill=he(h.fill),h.stroke=he(h.stroke),h.paths=he(h.paths),h.pxAlign=a.pxAlign}if(Je){let p=Ci(a,o);je.splice(o,0,p[0]),en.splice(o,0,p[1]),ce.values.push(null)}if(ft){_e.splice(o,0,null);let p=null;fs?o==0&&(p=Xa(a,o)):o>0&&(p=Xa(a,o)),zt.splice(o,0,p),ms.splice(o,0,0),gs.splice(o,0,0)}rt("addSeries",o)}function dd(a,o){o=o??S.length,a=i==1?Ra(a,o,Go,Qo):Ra(a,o,{},Ko),S.splice(o,0,a),el(S[o],o)}n.addSeries=dd;function pd(a){if(S.splice(a,1),Je){ce.values.splice(a,1),en.splice(a,1);let o=je.splice(a,1)[0];ds(null,o.firstChild),o.remove()}ft&&(_e.splice(a,1),zt.splice(a,1)[0].remove(),ms.splice(a,1),gs.splice(a,1)),rt("delSeries",a)}n.delSeries=pd;let Vn=[!1,!1,!1,!1];function ud(a,o){if(a._show=a.show,a.show){let p=a.side%2,h=E[a.scale];h==null&&(a.scale=p?S[1].scale:N,h=E[a.scale]);let m=h.time;a.size=he(a.size),a.space=he(a.space),a.rotate=he(a.rotate),Pn(a.incrs)&&a.incrs.forEach(w=>{!Mn.has(w)&&Mn.set(w,uc(w))}),a.incrs=he(a.incrs||(h.distr==2?du:m?B==1?uu:mu:es)),a.splits=he(a.splits||(m&&h.distr==1?wt:h.distr==3?Aa:h.distr==4?Du:Ru)),a.stroke=he(a.stroke),a.grid.stroke=he(a.grid.stroke),a.ticks.stroke=he(a.ticks.stroke),a.border.stroke=he(a.border.stroke);let b=a.values;a.values=Pn(b)&&!Pn(b[0])?he(b):m?Pn(b)?Io(fe,Vo(b,j)):qo(b)?bu(fe,b):b||Oe:b||Cu,a.filter=he(a.filter||(h.distr>=3&&h.log==10?Ou:h.distr==3&&h.log==2?qu:dc)),a.font=sc(a.font),a.labelFont=sc(a.labelFont),a._size=a.size(n,null,o,0),a._space=a._rotate=a._incrs=a._found=a._splits=a._values=null,a._size>0&&(Vn[o]=!0,a._el=Ft(yp,y))}}function Gs(a,o,p,h){let[m,b,w,x]=p,k=o%2,M=0;return k==0&&(x||b)&&(M=o==0&&!m||o==2&&!w?Xe(Wo.size/3):0),k==1&&(m||w)&&(M=o==1&&!b||o==3&&!x?Xe(Yo.size/2):0),M}let tl=n.padding=(t.padding||[Gs,Gs,Gs,Gs]).map(a=>he($e(a,Gs))),wn=n._padding=tl.map((a,o)=>a(n,o,Vn,0)),lt,tt=null,nt=null,Li=i==1?S[0].idxs:null,Bt=null,Bs=!1;function nl(a,o){if(s=a??[],n.data=n._data=s,i==2){lt=0;for(let p=1;p<S.length;p++)lt+=s[p][0].length}else{s.length==0&&(n.data=n._data=s=[[]]),Bt=s[0],lt=Bt.length;let p=s;if(ie==2){p=s.slice();let h=p[0]=Array(lt);for(let m=0;m<lt;m++)h[m]=m}n._data=s=p}if(bs(!0),rt("setData"),ie==2&&(us=!0),o!==!1){let p=A;p.auto(n,Bs)?Tr():kn(N,p.min,p.max),jn=jn||q.left>=0,qt=!0,$s()}}n.setData=nl;function Tr(){Bs=!0;let a,o;i==1&&(lt>0?(tt=Li[0]=0,nt=Li[1]=lt-1,a=s[0][tt],o=s[0][nt],ie==2?(a=tt,o=nt):a==o&&(ie==3?[a,o]=ur(a,a,A.log,!1):ie==4?[a,o]=Oa(a,a,A.log,!1):A.time?o=a+Xe(86400/B):[a,o]=cr(a,o,qa,!0))):(tt=Li[0]=a=null,nt=Li[1]=o=null)),kn(N,a,o)}let Ni,vs,Er,Ar,Pr,Mr,Cr,Rr,Dr,kt;function sl(a,o,p,h,m,b){a??=yo,p??=ja,h??="butt",m??=yo,b??="round",a!=Ni&&(g.strokeStyle=Ni=a),m!=vs&&(g.fillStyle=vs=m),o!=Er&&(g.lineWidth=Er=o),b!=Pr&&(g.lineJoin=Pr=b),h!=Mr&&(g.lineCap=Mr=h),p!=Ar&&g.setLineDash(Ar=p)}function il(a,o,p,h){o!=vs&&(g.fillStyle=vs=o),a!=Cr&&(g.font=Cr=a),p!=Rr&&(g.textAlign=Rr=p),h!=Dr&&(g.textBaseline=Dr=h)}function Lr(a,o,p,h,m=0){if(h.length>0&&a.auto(n,Bs)&&(o==null||o.min==null)){let b=$e(tt,0),w=$e(nt,h.length-1),x=p.min==null?Op(h,b,w,m,a.distr==3):[p.min,p.max];a.min=Xt(a.min,p.min=x[0]),a.max=yt(a.max,p.max=x[1])}}let rl={min:null,max:null};function hd(){for(let h in E){let m=E[h];V[h]==null&&(m.min==null||V[N]!=null&&m.auto(n,Bs))&&(V[h]=rl)}for(let h in E){let m=E[h];V[h]==null&&m.from!=null&&V[m.from]!=null&&(V[h]=rl)}V[N]!=null&&bs(!0);let a={};for(let h in V){let m=V[h];if(m!=null){let b=a[h]=qs(E[h],Wp);if(m.min!=null)Ye(b,m);else if(h!=N||i==2)if(lt==0&&b.from==null){let w=b.range(n,null,null,h);b.min=w[0],b.max=w[1]}else b.min=Pe,b.max=-Pe}}if(lt>0){S.forEach((h,m)=>{if(i==1){let b=h.scale,w=V[b];if(w==null)return;let x=a[b];if(m==0){let k=x.range(n,x.min,x.max,b);x.min=k[0],x.max=k[1],tt=Zt(x.min,s[0]),nt=Zt(x.max,s[0]),nt-tt>1&&(s[0][tt]<x.min&&tt++,s[0][nt]>x.max&&nt--),h.min=Bt[tt],h.max=Bt[nt]}else h.show&&h.auto&&Lr(x,w,h,s[m],h.sorted);h.idxs[0]=tt,h.idxs[1]=nt}else if(m>0&&h.show&&h.auto){let[b,w]=h.facets,x=b.scale,k=w.scale,[M,R]=s[m],L=a[x],K=a[k];L!=null&&Lr(L,V[x],b,M,b.sorted),K!=null&&Lr(K,V[k],w,R,w.sorted),h.min=w.min,h.max=w.max}});for(let h in a){let m=a[h],b=V[h];if(m.from==null&&(b==null||b.min==null)){let w=m.range(n,m.min==Pe?null:m.min,m.max==-Pe?null:m.max,h);m.min=w[0],m.max=w[1]}}}for(let h in a){let m=a[h];if(m.from!=null){let b=a[m.from];if(b.min==null)m.min=m.max=null;else{let w=m.range(n,b.min,b.max,h);m.min=w[0],m.max=w[1]}}}let o={},p=!1;for(let h in a){let m=a[h],b=E[h];if(b.min!=m.min||b.max!=m.max){b.min=m.min,b.max=m.max;let w=b.distr;b._min=w==3?bn(b.min):w==4?$a(b.min,b.asinh):w==100?b.fwd(b.min):b.min,b._max=w==3?bn(b.max):w==4?$a(b.max,b.asinh):w==100?b.fwd(b.max):b.max,o[h]=p=!0}}if(p){S.forEach((h,m)=>{i==2?m>0&&o.y&&(h._paths=null):o[h.scale]&&(h._paths=null)});for(let h in o)us=!0,rt("setScale",h);ft&&q.left>=0&&(jn=qt=!0)}for(let h in V)V[h]=null}function fd(a){let o=Ea(tt-1,0,lt-1),p=Ea(nt+1,0,lt-1);for(;a[o]==null&&o>0;)o--;for(;a[p]==null&&p<lt-1;)p++;return[o,p]}function md(){if(lt>0){let a=S.some(o=>o._focus)&&kt!=nn.alpha;a&&(g.globalAlpha=kt=nn.alpha),S.forEach((o,p)=>{if(p>0&&o.show&&(al(p,!1),al(p,!0),o._paths==null)){let h=kt;kt!=o.alpha&&(g.globalAlpha=kt=o.alpha);let m=i==2?[0,s[p][0].length-1]:fd(s[p]);o._paths=o.paths(n,p,m[0],m[1]),kt!=h&&(g.globalAlpha=kt=h)}}),S.forEach((o,p)=>{if(p>0&&o.show){let h=kt;kt!=o.alpha&&(g.globalAlpha=kt=o.alpha),o._paths!=null&&ll(p,!1);{let m=o._paths!=null?o._paths.gaps:null,b=o.points.show(n,p,tt,nt,m),w=o.points.filter(n,p,b,m);(b||w)&&(o.points._paths=o.points.paths(n,p,tt,nt,w),ll(p,!0))}kt!=h&&(g.globalAlpha=kt=h),rt("drawSeries",p)}}),a&&(g.globalAlpha=kt=1)}}function al(a,o){let p=o?S[a].points:S[a];p._stroke=p.stroke(n,a),p._fill=p.fill(n,a)}function ll(a,o){let p=o?S[a].points:S[a],{stroke:h,fill:m,clip:b,flags:w,_stroke:x=p._stroke,_fill:k=p._fill,_width:M=p.width}=p._paths;M=Me(M*we,3);let R=null,L=M%2/2;o&&k==null&&(k=M>0?"#fff":x);let K=p.pxAlign==1&&L>0;if(K&&g.translate(L,L),!o){let ye=_t-M/2,ve=Ot-M/2,de=xt+M,G=Gt+M;R=new Path2D,R.rect(ye,ve,de,G)}o?Nr(x,M,p.dash,p.cap,k,h,m,w,b):gd(a,x,M,p.dash,p.cap,k,h,m,w,R,b),K&&g.translate(-L,-L)}function gd(a,o,p,h,m,b,w,x,k,M,R){let L=!1;k!=0&&re.forEach((K,ye)=>{if(K.series[0]==a){let ve=S[K.series[1]],de=s[K.series[1]],G=(ve._paths||vi).band;Pn(G)&&(G=K.dir==1?G[0]:G[1]);let z,Le=null;ve.show&&G&&zp(de,tt,nt)?(Le=K.fill(n,ye)||b,z=ve._paths.clip):G=null,Nr(o,p,h,m,Le,w,x,k,M,R,z,G),L=!0}}),L||Nr(o,p,h,m,b,w,x,k,M,R)}let ol=zs|Ma;function Nr(a,o,p,h,m,b,w,x,k,M,R,L){sl(a,o,p,h,m),(k||M||L)&&(g.save(),k&&g.clip(k),M&&g.clip(M)),L?(x&ol)==ol?(g.clip(L),R&&g.clip(R),qi(m,w),Oi(a,b,o)):x&Ma?(qi(m,w),g.clip(L),Oi(a,b,o)):x&zs&&(g.save(),g.clip(L),R&&g.clip(R),qi(m,w),g.restore(),Oi(a,b,o)):(qi(m,w),Oi(a,b,o)),(k||M||L)&&g.restore()}function Oi(a,o,p){p>0&&(o instanceof Map?o.forEach((h,m)=>{g.strokeStyle=Ni=m,g.stroke(h)}):o!=null&&a&&g.stroke(o))}function qi(a,o){o instanceof Map?o.forEach((p,h)=>{g.fillStyle=vs=h,g.fill(p)}):o!=null&&a&&g.fill(o)}function vd(a,o,p,h){let m=F[a],b;if(h<=0)b=[0,0];else{let w=m._space=m.space(n,a,o,p,h),x=m._incrs=m.incrs(n,a,o,p,h,w);b=rh(o,p,x,h,w)}return m._found=b}function Or(a,o,p,h,m,b,w,x,k,M){let R=w%2/2;I==1&&g.translate(R,R),sl(x,w,k,M,x),g.beginPath();let L,K,ye,ve,de=m+(h==0||h==3?-b:b);p==0?(K=m,ve=de):(L=m,ye=de);for(let G=0;G<a.length;G++)o[G]!=null&&(p==0?L=ye=a[G]:K=ve=a[G],g.moveTo(L,K),g.lineTo(ye,ve));g.stroke(),I==1&&g.translate(-R,-R)}function bd(a){let o=!0;return F.forEach((p,h)=>{if(!p.show)return;let m=E[p.scale];if(m.min==null){p._show&&(o=!1,p._show=!1,bs(!1));return}else p._show||(o=!1,p._show=!0,bs(!1));let b=p.side,w=b%2,{min:x,max:k}=m,[M,R]=vd(h,x,k,w==0?ne:D);if(R==0)return;let L=m.distr==2,K=p._splits=p.splits(n,h,x,k,M,R,L),ye=m.distr==2?K.map(z=>Bt[z]):K,ve=m.distr==2?Bt[K[1]]-Bt[K[0]]:M,de=p._values=p.values(n,p.filter(n,ye,h,R,ve),h,R,ve);p._rotate=b==2?p.rotate(n,de,h,R):0;let G=p._size;p._size=Ut(p.size(n,de,h,a)),G!=null&&p._size!=G&&(o=!1)}),o}function $d(a){let o=!0;return tl.forEach((p,h)=>{let m=p(n,h,Vn,a);m!=wn[h]&&(o=!1),wn[h]=m}),o}function yd(){for(let a=0;a<F.length;a++){let o=F[a];if(!o.show||!o._show)continue;let p=o.side,h=p%2,m,b,w=o.stroke(n,a),x=p==0||p==3?-1:1,[k,M]=o._found;if(o.label!=null){let vt=o.labelGap*x,At=Xe((o._lpos+vt)*we);il(o.labelFont[0],w,"center",p==2?"top":$o),g.save(),h==1?(m=b=0,g.translate(At,Xe(Ot+Gt/2)),g.rotate((p==3?-lr:lr)/2)):(m=Xe(_t+xt/2),b=At);let Un=oc(o.label)?o.label(n,a,k,M):o.label;g.fillText(Un,m,b),g.restore()}if(M==0)continue;let R=E[o.scale],L=h==0?xt:Gt,K=h==0?_t:Ot,ye=o._splits,ve=R.distr==2?ye.map(vt=>Bt[vt]):ye,de=R.distr==2?Bt[ye[1]]-Bt[ye[0]]:k,G=o.ticks,z=o.border,Le=G.show?G.size:0,Ve=Xe(Le*we),at=Xe((o.alignTo==2?o._size-Le-o.gap:o.gap)*we),Te=o._rotate*-lr/180,Ie=W(o._pos*we),Tt=(Ve+at)*x,gt=Ie+Tt;b=h==0?gt:0,m=h==1?gt:0;let jt=o.font[0],Yt=o.align==1?Rs:o.align==2?ga:Te>0?Rs:Te<0?ga:h==0?"center":p==3?ga:Rs,an=Te||h==1?"middle":p==2?"top":$o;il(jt,w,Yt,an);let Et=o.font[1]*o.lineGap,Ht=ye.map(vt=>W(d(vt,R,L,K))),Jt=o._values;for(let vt=0;vt<Jt.length;vt++){let At=Jt[vt];if(At!=null){h==0?m=Ht[vt]:b=Ht[vt],At=""+At;let Un=At.indexOf(`
`)==-1?[At]:At.split(/\n/gm);for(let bt=0;bt<Un.length;bt++){let El=Un[bt];Te?(g.save(),g.translate(m,b+bt*Et),g.rotate(Te),g.fillText(El,0,0),g.restore()):g.fillText(El,m,b+bt*Et)}}}G.show&&Or(Ht,G.filter(n,ve,a,M,de),h,p,Ie,Ve,Me(G.width*we,3),G.stroke(n,a),G.dash,G.cap);let ln=o.grid;ln.show&&Or(Ht,ln.filter(n,ve,a,M,de),h,h==0?2:1,h==0?Ot:_t,h==0?Gt:xt,Me(ln.width*we,3),ln.stroke(n,a),ln.dash,ln.cap),z.show&&Or([Ie],[1],h==0?1:0,h==0?1:2,h==1?Ot:_t,h==1?Gt:xt,Me(z.width*we,3),z.stroke(n,a),z.dash,z.cap)}rt("drawAxes")}function bs(a){S.forEach((o,p)=>{p>0&&(o._paths=null,a&&(i==1?(o.min=null,o.max=null):o.facets.forEach(h=>{h.min=null,h.max=null})))})}let zi=!1,qr=!1,Ys=[];function wd(){qr=!1;for(let a=0;a<Ys.length;a++)rt(...Ys[a]);Ys.length=0}function $s(){zi||(Zp(cl),zi=!0)}function xd(a,o=!1){zi=!0,qr=o,a(n),cl(),o&&Ys.length>0&&queueMicrotask(wd)}n.batch=xd;function cl(){if(Sr&&(hd(),Sr=!1),us&&(ad(),us=!1),Ri){if(Ne(P,Rs,Ce),Ne(P,"top",Ke),Ne(P,hi,ne),Ne(P,fi,D),Ne(C,Rs,Ce),Ne(C,"top",Ke),Ne(C,hi,ne),Ne(C,fi,D),Ne(y,hi,hn),Ne(y,fi,On),v.width=Xe(hn*we),v.height=Xe(On*we),F.forEach(({_el:a,_show:o,_size:p,_pos:h,side:m})=>{if(a!=null)if(o){let b=m===3||m===0?p:0,w=m%2==1;Ne(a,w?"left":"top",h-b),Ne(a,w?"width":"height",p),Ne(a,w?"top":"left",w?Ke:Ce),Ne(a,w?"height":"width",w?D:ne),_a(a,ts)}else Rt(a,ts)}),Ni=vs=Er=Pr=Mr=Cr=Rr=Dr=Ar=null,kt=1,Qs(!0),Ce!=ps||Ke!=qn||ne!=tn||D!=zn){bs(!1);let a=ne/tn,o=D/zn;if(ft&&!jn&&q.left>=0){q.left*=a,q.top*=o,ys&&pn(ys,Xe(q.left),0,ne,D),ws&&pn(ws,0,Xe(q.top),ne,D);for(let p=0;p<zt.length;p++){let h=zt[p];h!=null&&(ms[p]*=a,gs[p]*=o,pn(h,Ut(ms[p]),Ut(gs[p]),ne,D))}}if(De.show&&!Di&&De.left>=0&&De.width>0){De.left*=a,De.width*=a,De.top*=o,De.height*=o;for(let p in Fr)Ne(Ss,p,De[p])}ps=Ce,qn=Ke,tn=ne,zn=D}rt("setSize"),Ri=!1}hn>0&&On>0&&(g.clearRect(0,0,v.width,v.height),rt("drawClear"),ee.forEach(a=>a()),rt("draw")),De.show&&Di&&(ji(De),Di=!1),ft&&jn&&(Fn(null,!0,!1),jn=!1),ce.show&&ce.live&&qt&&(Vr(),qt=!1),u||(u=!0,n.status=1,rt("ready")),Bs=!1,zi=!1}n.redraw=(a,o)=>{us=o||!1,a!==!1?kn(N,A.min,A.max):$s()};function zr(a,o){let p=E[a];if(p.from==null){if(lt==0){let h=p.range(n,o.min,o.max,a);o.min=h[0],o.max=h[1]}if(o.min>o.max){let h=o.min;o.min=o.max,o.max=h}if(lt>1&&o.min!=null&&o.max!=null&&o.max-o.min<1e-16)return;a==N&&p.distr==2&&lt>0&&(o.min=Zt(o.min,s[0]),o.max=Zt(o.max,s[0]),o.min==o.max&&o.max++),V[a]=o,Sr=!0,$s()}}n.setScale=zr;let jr,Hr,ys,ws,dl,pl,xs,ks,ul,hl,Re,ze,xn=!1,ot=q.drag,st=ot.x,it=ot.y;ft&&(q.x&&(jr=Ft(xp,C)),q.y&&(Hr=Ft(kp,C)),A.ori==0?(ys=jr,ws=Hr):(ys=Hr,ws=jr),Re=q.left,ze=q.top);let De=n.select=Ye({show:!0,over:!0,left:0,width:0,top:0,height:0},t.select),Ss=De.show?Ft(wp,De.over?C:P):null;function ji(a,o){if(De.show){for(let p in a)De[p]=a[p],p in Fr&&Ne(Ss,p,a[p]);o!==!1&&rt("setSelect")}}n.setSelect=ji;function kd(a){if(S[a].show)Je&&_a(je[a],ts);else if(Je&&Rt(je[a],ts),ft){let p=fs?zt[0]:zt[a];p!=null&&pn(p,-10,-10,ne,D)}}function kn(a,o,p){zr(a,{min:o,max:p})}function sn(a,o,p,h){o.focus!=null&&Ad(a),o.show!=null&&S.forEach((m,b)=>{b>0&&(a==b||a==null)&&(m.show=o.show,kd(b),i==2?(kn(m.facets[0].scale,null,null),kn(m.facets[1].scale,null,null)):kn(m.scale,null,null),$s())}),p!==!1&&rt("setSeries",a,o),h&&Zs("setSeries",n,a,o)}n.setSeries=sn;function Sd(a,o){Ye(re[a],o)}function _d(a,o){a.fill=he(a.fill||null),a.dir=$e(a.dir,-1),o=o??re.length,re.splice(o,0,a)}function Td(a){a==null?re.length=0:re.splice(a,1)}n.addBand=_d,n.setBand=Sd,n.delBand=Td;function Ed(a,o){S[a].alpha=o,ft&&zt[a]!=null&&(zt[a].style.opacity=o),Je&&je[a]&&(je[a].style.opacity=o)}let fn,Sn,In,_s={focus:!0};function Ad(a){if(a!=In){let o=a==null,p=nn.alpha!=1;S.forEach((h,m)=>{if(i==1||m>0){let b=o||m==0||m==a;h._focus=o?null:b,p&&Ed(m,b?1:nn.alpha)}}),In=a,p&&$s()}}Je&&hs&&mt(ko,xe,a=>{q._lock||(Hn(a),In!=null&&sn(null,_s,!0,We.setSeries))});function rn(a,o,p){let h=E[o];p&&(a=a/we-(h.ori==1?Ke:Ce));let m=ne;h.ori==1&&(m=D,a=m-a),h.dir==-1&&(a=m-a);let b=h._min,w=h._max,x=a/m,k=b+(w-b)*x,M=h.distr;return M==3?Ns(10,k):M==4?Hp(k,h.asinh):M==100?h.bwd(k):k}function Pd(a,o){let p=rn(a,N,o);return Zt(p,s[0],tt,nt)}n.valToIdx=a=>Zt(a,s[0]),n.posToIdx=Pd,n.posToVal=rn,n.valToPos=(a,o,p)=>E[o].ori==0?r(a,E[o],p?xt:ne,p?_t:0):l(a,E[o],p?Gt:D,p?Ot:0),n.setCursor=(a,o,p)=>{Re=a.left,ze=a.top,Fn(null,o,p)};function fl(a,o){Ne(Ss,Rs,De.left=a),Ne(Ss,hi,De.width=o)}function ml(a,o){Ne(Ss,"top",De.top=a),Ne(Ss,fi,De.height=o)}let Js=A.ori==0?fl:ml,Ks=A.ori==1?fl:ml;function Md(){if(Je&&ce.live)for(let a=i==2?1:0;a<S.length;a++){if(a==0&&Nt)continue;let o=ce.values[a],p=0;for(let h in o)en[a][p++].firstChild.nodeValue=o[h]}}function Vr(a,o){if(a!=null&&(a.idxs?a.idxs.forEach((p,h)=>{_e[h]=p}):Up(a.idx)||_e.fill(a.idx),ce.idx=_e[0]),Je&&ce.live){for(let p=0;p<S.length;p++)(p>0||i==1&&!Nt)&&Cd(p,_e[p]);Md()}qt=!1,o!==!1&&rt("setLegend")}n.setLegend=Vr;function Cd(a,o){let p=S[a],h=a==0&&ie==2?Bt:s[a],m;Nt?m=p.values(n,a,o)??yn:(m=p.value(n,o==null?null:h[o],a,o),m=m==null?yn:{_:m}),ce.values[a]=m}function Fn(a,o,p){ul=Re,hl=ze,[Re,ze]=q.move(n,Re,ze),q.left=Re,q.top=ze,ft&&(ys&&pn(ys,Xe(Re),0,ne,D),ws&&pn(ws,0,Xe(ze),ne,D));let h,m=tt>nt;fn=Pe,Sn=null;let b=A.ori==0?ne:D,w=A.ori==1?ne:D;if(Re<0||lt==0||m){h=q.idx=null;for(let x=0;x<S.length;x++){let k=zt[x];k!=null&&pn(k,-10,-10,ne,D)}hs&&sn(null,_s,!0,a==null&&We.setSeries),ce.live&&(_e.fill(h),qt=!0)}else{let x,k,M;i==1&&(x=A.ori==0?Re:ze,k=rn(x,N),h=q.idx=Zt(k,s[0],tt,nt),M=O(s[0][h],A,b,0));let R=-10,L=-10,K=0,ye=0,ve=!0,de="",G="";for(let z=i==2?1:0;z<S.length;z++){let Le=S[z],Ve=_e[z],at=Ve==null?null:i==1?s[z][Ve]:s[z][1][Ve],Te=q.dataIdx(n,z,h,k),Ie=Te==null?null:i==1?s[z][Te]:s[z][1][Te];if(qt=qt||Ie!=at||Te!=Ve,_e[z]=Te,z>0&&Le.show){let Tt=Te==null?-10:Te==h?M:O(i==1?s[0][Te]:s[z][0][Te],A,b,0),gt=Ie==null?-10:J(Ie,i==1?E[Le.scale]:E[Le.facets[1].scale],w,0);if(hs&&Ie!=null){let jt=A.ori==1?Re:ze,Yt=et(nn.dist(n,z,Te,gt,jt));if(Yt<fn){let an=nn.bias;if(an!=0){let Et=rn(jt,Le.scale),Ht=Ie>=0?1:-1,Jt=Et>=0?1:-1;Jt==Ht&&(Jt==1?an==1?Ie>=Et:Ie<=Et:an==1?Ie<=Et:Ie>=Et)&&(fn=Yt,Sn=z)}else fn=Yt,Sn=z}}if(qt||fs){let jt,Yt;A.ori==0?(jt=Tt,Yt=gt):(jt=gt,Yt=Tt);let an,Et,Ht,Jt,ln,vt,At=!0,Un=pt.bbox;if(Un!=null){At=!1;let bt=Un(n,z);Ht=bt.left,Jt=bt.top,an=bt.width,Et=bt.height}else Ht=jt,Jt=Yt,an=Et=pt.size(n,z);if(vt=pt.fill(n,z),ln=pt.stroke(n,z),fs)z==Sn&&fn<=nn.prox&&(R=Ht,L=Jt,K=an,ye=Et,ve=At,de=vt,G=ln);else{let bt=zt[z];bt!=null&&(ms[z]=Ht,gs[z]=Jt,Mo(bt,an,Et,At),Ao(bt,vt,ln),pn(bt,Ut(Ht),Ut(Jt),ne,D))}}}}if(fs){let z=nn.prox,Le=In==null?fn<=z:fn>z||Sn!=In;if(qt||Le){let Ve=zt[0];Ve!=null&&(ms[0]=R,gs[0]=L,Mo(Ve,K,ye,ve),Ao(Ve,de,G),pn(Ve,Ut(R),Ut(L),ne,D))}}}if(De.show&&xn)if(a!=null){let[x,k]=We.scales,[M,R]=We.match,[L,K]=a.cursor.sync.scales,ye=a.cursor.drag;if(st=ye._x,it=ye._y,st||it){let{left:ve,top:de,width:G,height:z}=a.select,Le=a.scales[L].ori,Ve=a.posToVal,at,Te,Ie,Tt,gt,jt=x!=null&&M(x,L),Yt=k!=null&&R(k,K);jt&&st?(Le==0?(at=ve,Te=G):(at=de,Te=z),Ie=E[x],Tt=O(Ve(at,L),Ie,b,0),gt=O(Ve(at+Te,L),Ie,b,0),Js(Xt(Tt,gt),et(gt-Tt))):Js(0,b),Yt&&it?(Le==1?(at=ve,Te=G):(at=de,Te=z),Ie=E[k],Tt=J(Ve(at,K),Ie,w,0),gt=J(Ve(at+Te,K),Ie,w,0),Ks(Xt(Tt,gt),et(gt-Tt))):Ks(0,w)}else Ur()}else{let x=et(ul-dl),k=et(hl-pl);if(A.ori==1){let K=x;x=k,k=K}st=ot.x&&x>=ot.dist,it=ot.y&&k>=ot.dist;let M=ot.uni;M!=null?st&&it&&(st=x>=M,it=k>=M,!st&&!it&&(k>x?it=!0:st=!0)):ot.x&&ot.y&&(st||it)&&(st=it=!0);let R,L;st&&(A.ori==0?(R=xs,L=Re):(R=ks,L=ze),Js(Xt(R,L),et(L-R)),it||Ks(0,w)),it&&(A.ori==1?(R=xs,L=Re):(R=ks,L=ze),Ks(Xt(R,L),et(L-R)),st||Js(0,b)),!st&&!it&&(Js(0,0),Ks(0,0))}if(ot._x=st,ot._y=it,a==null){if(p){if(Tl!=null){let[x,k]=We.scales;We.values[0]=x!=null?rn(A.ori==0?Re:ze,x):null,We.values[1]=k!=null?rn(A.ori==1?Re:ze,k):null}Zs(va,n,Re,ze,ne,D,h)}if(hs){let x=p&&We.setSeries,k=nn.prox;In==null?fn<=k&&sn(Sn,_s,!0,x):fn>k?sn(null,_s,!0,x):Sn!=In&&sn(Sn,_s,!0,x)}}qt&&(ce.idx=h,Vr()),o!==!1&&rt("setCursor")}let _n=null;Object.defineProperty(n,"rect",{get(){return _n==null&&Qs(!1),_n}});function Qs(a=!1){a?_n=null:(_n=C.getBoundingClientRect(),rt("syncRect",_n))}function gl(a,o,p,h,m,b,w){q._lock||xn&&a!=null&&a.movementX==0&&a.movementY==0||(Ir(a,o,p,h,m,b,w,!1,a!=null),a!=null?Fn(null,!0,!0):Fn(o,!0,!1))}function Ir(a,o,p,h,m,b,w,x,k){if(_n==null&&Qs(!1),Hn(a),a!=null)p=a.clientX-_n.left,h=a.clientY-_n.top;else{if(p<0||h<0){Re=-10,ze=-10;return}let[M,R]=We.scales,L=o.cursor.sync,[K,ye]=L.values,[ve,de]=L.scales,[G,z]=We.match,Le=o.axes[0].side%2==1,Ve=A.ori==0?ne:D,at=A.ori==1?ne:D,Te=Le?b:m,Ie=Le?m:b,Tt=Le?h:p,gt=Le?p:h;if(ve!=null?p=G(M,ve)?d(K,E[M],Ve,0):-10:p=Ve*(Tt/Te),de!=null?h=z(R,de)?d(ye,E[R],at,0):-10:h=at*(gt/Ie),A.ori==1){let jt=p;p=h,h=jt}}k&&(o==null||o.cursor.event.type==va)&&((p<=1||p>=ne-1)&&(p=Xn(p,ne)),(h<=1||h>=D-1)&&(h=Xn(h,D))),x?(dl=p,pl=h,[xs,ks]=q.move(n,p,h)):(Re=p,ze=h)}let Fr={width:0,height:0,left:0,top:0};function Ur(){ji(Fr,!1)}let vl,bl,$l,yl;function wl(a,o,p,h,m,b,w){xn=!0,st=it=ot._x=ot._y=!1,Ir(a,o,p,h,m,b,w,!0,!1),a!=null&&(mt(ba,ka,xl,!1),Zs(wo,n,xs,ks,ne,D,null));let{left:x,top:k,width:M,height:R}=De;vl=x,bl=k,$l=M,yl=R}function xl(a,o,p,h,m,b,w){xn=ot._x=ot._y=!1,Ir(a,o,p,h,m,b,w,!1,!0);let{left:x,top:k,width:M,height:R}=De,L=M>0||R>0,K=vl!=x||bl!=k||$l!=M||yl!=R;if(L&&K&&ji(De),ot.setScale&&L&&K){let ye=x,ve=M,de=k,G=R;if(A.ori==1&&(ye=k,ve=R,de=x,G=M),st&&kn(N,rn(ye,N),rn(ye+ve,N)),it)for(let z in E){let Le=E[z];z!=N&&Le.from==null&&Le.min!=Pe&&kn(z,rn(de+G,z),rn(de,z))}Ur()}else q.lock&&(q._lock=!q._lock,Fn(o,!0,a!=null));a!=null&&(ds(ba,ka),Zs(ba,n,Re,ze,ne,D,null))}function Rd(a,o,p,h,m,b,w){if(q._lock)return;Hn(a);let x=xn;if(xn){let k=!0,M=!0,R=10,L,K;A.ori==0?(L=st,K=it):(L=it,K=st),L&&K&&(k=Re<=R||Re>=ne-R,M=ze<=R||ze>=D-R),L&&k&&(Re=Re<xs?0:ne),K&&M&&(ze=ze<ks?0:D),Fn(null,!0,!0),xn=!1}Re=-10,ze=-10,_e.fill(null),Fn(null,!0,!0),x&&(xn=x)}function kl(a,o,p,h,m,b,w){q._lock||(Hn(a),Tr(),Ur(),a!=null&&Zs(So,n,Re,ze,ne,D,null))}function Sl(){F.forEach(ah),_r(n.width,n.height,!0)}ns(or,Ls,Sl);let Ts={};Ts.mousedown=wl,Ts.mousemove=gl,Ts.mouseup=xl,Ts.dblclick=kl,Ts.setSeries=(a,o,p,h)=>{let m=We.match[2];p=m(n,o,p),p!=-1&&sn(p,h,!0,!1)},ft&&(mt(wo,C,wl),mt(va,C,gl),mt(xo,C,a=>{Hn(a),Qs(!1)}),mt(ko,C,Rd),mt(So,C,kl),Ca.add(n),n.syncRect=Qs);let Hi=n.hooks=t.hooks||{};function rt(a,o,p){qr?Ys.push([a,o,p]):a in Hi&&Hi[a].forEach(h=>{h.call(null,n,o,p)})}(t.plugins||[]).forEach(a=>{for(let o in a.hooks)Hi[o]=(Hi[o]||[]).concat(a.hooks[o])});let _l=(a,o,p)=>p,We=Ye({key:null,setSeries:!1,filters:{pub:No,sub:No},scales:[N,S[1]?S[1].scale:null],match:[Oo,Oo,_l],values:[null,null]},q.sync);We.match.length==2&&We.match.push(_l),q.sync=We;let Tl=We.key,Wr=Rc(Tl);function Zs(a,o,p,h,m,b,w){We.filters.pub(a,o,p,h,m,b,w)&&Wr.pub(a,o,p,h,m,b,w)}Wr.sub(n);function Dd(a,o,p,h,m,b,w){We.filters.sub(a,o,p,h,m,b,w)&&Ts[a](null,o,p,h,m,b,w)}n.pub=Dd;function Ld(){Wr.unsub(n),Ca.delete(n),Nn.clear(),Ta(or,Ls,Sl),f.remove(),xe?.remove(),rt("destroy")}n.destroy=Ld;function Gr(){rt("init",t,s),nl(s||t.data,!1),V[N]?zr(N,V[N]):Tr(),Di=De.show&&(De.width>0||De.height>0),jn=qt=!0,_r(t.width,t.height)}return S.forEach(el),F.forEach(ud),e?e instanceof HTMLElement?(e.appendChild(f),Gr()):e(n,Gr):Gr(),n}dt.assign=Ye;dt.fmtNum=za;dt.rangeNum=cr;dt.rangeLog=ur;dt.rangeAsinh=Oa;dt.orient=is;dt.pxRatio=we;dt.join=Qp;dt.fmtDate=Ha,dt.tzDate=ou;dt.sync=Rc;{dt.addGap=Uu,dt.clipGaps=mr;let t=dt.paths={points:zc};t.linear=Hc,t.stepped=Bu,t.bars=Yu,t.spline=Ku}function Wc(t,s,e){let n=Math.max(...t.map(d=>d??0),1e-9),i=t.length>1?s/(t.length-1):0,r=!1,l="";return t.forEach((d,u)=>{if(d===null){r=!1;return}let f=e-d/n*e;l+=`${r?"L":"M"}${Uc(u*i)} ${Uc(f)}`,r=!0}),l}function Gc(t,s){let e=t.findIndex(n=>n!==null);return t.slice(Math.max(0,Math.min(e<0?t.length:e,t.length-s)))}function Bc(t,s){let e=[];for(let n=t.length;n>0;n-=s){let i=t.slice(Math.max(0,n-s),n).filter(r=>r!==null);e.unshift(i.length===0?null:i.reduce((r,l)=>r+l,0)/i.length)}return e}function Uc(t){return t.toFixed(1).replace(/\.0$/,"")}function $i(t,s){let e=t.slice(-s).filter(n=>n!==null);return e.length===0?void 0:e.reduce((n,i)=>n+i,0)/e.length}var Cn=class extends se{constructor(){super();this.times=[];this.lines=[];this.label="";this.tall=220;this.drawn="";this.size=new ResizeObserver(()=>this.resize());new on(this,Zn)}disconnectedCallback(){super.disconnectedCallback(),this.size.disconnect(),this.plot?.destroy(),this.plot=void 0,this.drawn=""}connectedCallback(){super.connectedCallback(),this.size.observe(this)}render(){return c`<figure class="chart" role="img" aria-label=${`${this.label}. ${this.inWords()}`}>
      <div class="plot"></div>
      <figcaption class="legend" aria-hidden="true">
        ${this.lines.map(e=>c`<span class="key"
              ><svg class="swatch ${e.colour}" viewBox="0 0 16 4"><path d="M0 2h16" /></svg>${e.name}
              <b>${gn($i(e.values,1))}</b><span class="unit">/s</span></span
            >`)}
        <span class="cursor"></span>
      </figcaption>
    </figure>`}inWords(){return this.lines.map(n=>{let i=n.values.filter(r=>r!==null);return i.length===0?`${n.name}: nothing known yet`:`${n.name}: ${gn(i.at(-1))} per second now, at most ${gn(Math.max(...i))}`}).join("; ")}updated(e){let n=this.querySelector(".plot");if(!n||this.lines.length===0)return;let i=v=>getComputedStyle(this).getPropertyValue(v).trim(),r=v=>{n.style.color=`var(${v})`;let g=getComputedStyle(n).color;return n.style.color="",g},l=JSON.stringify([this.lines.map(v=>[v.name,v.colour]),r("--ink"),i("--line"),this.tall]),d=[this.times,...this.lines.map(v=>v.values)];if(this.plot&&this.drawn===l){this.plot.setData(d);return}this.plot?.destroy(),this.drawn=l;let u={stroke:r("--ink-2"),grid:{stroke:r("--line"),width:1},ticks:{show:!1},font:"11px system-ui, sans-serif"},f=this.tall;this.plot=new dt({width:Math.max(200,n.clientWidth),height:f,padding:[8,18,0,0],legend:{show:!1},cursor:{y:!1,points:{size:6}},scales:{x:{time:!0},y:{range:(v,g,y)=>[0,Math.max(y*1.1,.1)]}},axes:[{...u,size:26,space:70,values:(v,g)=>g.map(y=>Yc(y,(g[1]??60)-(g[0]??0)<60))},{...u,size:44,space:36,values:(v,g)=>g.map(y=>gn(y))}],series:[{},...this.lines.map(v=>({label:v.name,stroke:r(`--${v.colour}`),width:1.6,...v.fill?{fill:r(`--${v.colour}-fill`)}:{},...v.dashed?{dash:[4,3]}:{},points:{show:!1},spanGaps:!1}))],hooks:{setCursor:[v=>this.tell(v)]}},d,n)}tell(e){let n=this.querySelector(".cursor");if(!n)return;let i=e.cursor.idx;n.textContent=i==null?"":`${Yc(this.times[i]??0,!0)}  ${this.lines.map(r=>`${r.name} ${gn(r.values[i])}`).join(" · ")}`}resize(){let e=this.querySelector(".plot");this.plot&&e&&e.clientWidth>0&&e.clientWidth!==this.plot.width&&this.plot.setSize({width:e.clientWidth,height:this.tall})}};T([me({attribute:!1})],Cn.prototype,"times",2),T([me({attribute:!1})],Cn.prototype,"lines",2),T([me()],Cn.prototype,"label",2),T([me({type:Number})],Cn.prototype,"tall",2),Cn=T([le("ff-chart")],Cn);function Yc(t,s=!1){let e=new Date(t*1e3),n=i=>i.toString().padStart(2,"0");return`${n(e.getHours())}:${n(e.getMinutes())}${s?`:${n(e.getSeconds())}`:""}`}function $r(t,s){let e=t.accepted.length,n=Date.parse(t.until)/1e3,i=Date.parse(t.until)>Date.now()?e-1:e,r=t.accepted.findIndex(u=>u!==null),l=Math.max(0,Math.min(r<0?i:r,i-18));return{times:Array.from({length:i-l},(u,f)=>n-(e-1-l-f)*t.step_seconds),lines:s.map(u=>({...u,values:u.values.slice(l,i)}))}}var yi=class extends se{constructor(){super(...arguments);this.channel="";this.shown=new Z(this,e=>pe(`/v1/channels/${Fe(this.channel)}`,{},e),3e3);this.series=new Z(this,e=>pe("/v1/series",{window:"hour"},e),1e4)}willUpdate(e){e.has("channel")&&e.get("channel")&&this.shown.restart()}render(){let e=this.shown.value;if(!e)return c`<h1>Channel</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}
                <p><a href="#/channels">All channels</a></p>`:Ae()}`;let n=()=>{this.shown.load()},i=["paused","suspended"].includes(e.state);return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/channels">Channels</a></p>
          <h1>${_(e.name,120)}</h1>
        </div>
        <div class="control">
          ${Qe(e.state)}
          ${e.plugin===null||e.plugin===void 0?ke("Forget","trash","admin",()=>mo(e.name,n),{channel:e.name,danger:!0}):c`${i?ke("Resume","play","operate",()=>nr(e,n),{channel:e.name}):ke("Pause","pause","operate",()=>tr(e,n),{channel:e.name})}
                ${ke("Test","test","operate",()=>sr(e.name),{channel:e.name,off:e.digest?void 0:"There is no plugin to call."})}`}
        </div>
      </div>
      ${te(this.shown.problem)} ${this.why(e)}
      <section class="tiles" aria-label="Numbers">
        ${wi("Pending",Q(e.pending),e.pending>0?c`oldest ${Ue(e.oldest_pending_at)}`:"no backlog")}
        ${wi("In flight",Q(e.in_flight),`of ${e.policy?.concurrency??"–"} at once`)}
        ${wi("Success rate",Qn(e.success_rate),c`${Q(e.delivered)} delivered`)}
        ${wi("Dead letters",Q(e.dead_letters),e.dead_letters>0?c`<a href=${U(["dead-letters"],{channel:e.name})}>look at them</a>`:c`${Q(e.dead)} given up in all`)}
        ${wi("Attempts take",$t(e.latency?.p50_ms),c`p90 ${$t(e.latency?.p90_ms)}, p99 ${$t(e.latency?.p99_ms)}`)}
      </section>
      ${this.chart()}
      <div class="columns">
        <div>${this.policy(e)}</div>
        <div>${this.plugin(e)} ${this.grants(e)} ${this.error(e)}</div>
      </div>`}why(e){let n=Object.entries(e.deferred??{}),{hold:i,gathered:r}=e;return c`${i?c`<div class="alarm ${i.kind==="paused"?"wait":"warn"}">
            ${Qe(i.kind)}
            <span>
              ${i.kind==="paused"?"Paused by an operator":i.kind==="suspended"?"Its receiver is gone (410)":"Its breaker is open: the receiver is in trouble"},
              since ${He(i.since)}. ${i.reason?c`<b>${_(i.reason,300)}</b>`:$}
              ${i.until?c`It tries again ${Ue(i.until)}.`:$}
              ${i.kind==="open"?$:"Everything is kept until it is resumed."}
            </span>
          </div>`:$}
    ${e.error?c`<div class="alarm bad">${_(e.error,500)}</div>`:$}
    ${e.configure?c`<section class="panel">
            <div class="panel-head">
              <h2>Add this to <code>config.toml</code></h2>
            </div>
            <pre class="command" tabindex="0">${e.configure}</pre>
          </section>`:$}
    ${e.waiting>0||r?c`<div class="alarm wait">
            <span>
              ${e.waiting>0?c`${Q(e.waiting)} pending deliveries are waiting${n.length>0?c`: ${n.map(([l,d])=>c`<span class="pair">${l} <b>${Q(d)}</b></span> `)}`:" for their next attempt"}.`:$}
              ${r?c`${Q(r.deliveries)} wait in ${Q(r.batches)} open batches; the first closes ${Ue(r.until)}.`:$}
            </span>
          </div>`:$}`}chart(){let e=this.series.value,n=e?.channels[this.channel];if(!e||!n)return $;let{times:i,lines:r}=$r(e,[{name:"Delivered",colour:"ok",values:n.delivered,fill:!0},{name:"Failed",colour:"warn",values:n.failed},{name:"Dead",colour:"bad",values:n.dead}]);return c`<section class="panel" aria-labelledby="rates">
      <div class="panel-head"><h2 id="rates">Last hour</h2></div>
      <ff-chart .times=${i} .lines=${r} tall="160" label="Rates per second over the last hour"></ff-chart>
    </section>`}policy(e){let{policy:n}=e;return n?c`<section class="panel" aria-labelledby="policy">
      <div class="panel-head"><h2 id="policy">Policy</h2></div>
      ${Ba(n,e.policy_from)}
    </section>`:$}plugin(e){return c`<section class="panel" aria-labelledby="plugin">
      <div class="panel-head">
        <h2 id="plugin">Plugin</h2>
        <a href="#/plugins">All plugins</a>
      </div>
      <dl class="facts">
        <div>
          <dt>name</dt>
          <dd>${Y(e.plugin??"none")}</dd>
        </div>
        <div>
          <dt>kind</dt>
          <dd>${e.kind??"–"}</dd>
        </div>
        <div>
          <dt>digest</dt>
          <dd>${Y(e.digest,80)}</dd>
        </div>
        <div>
          <dt>settings</dt>
          <dd>${Is(e.settings)}</dd>
        </div>
        <div>
          <dt>secrets</dt>
          <dd>${Is(e.secrets)}</dd>
        </div>
        <div>
          <dt>signed</dt>
          <dd>${e.signed?"yes":"no"}</dd>
        </div>
        <div>
          <dt>imports</dt>
          <dd>${Is(e.imports)}</dd>
        </div>
      </dl>
    </section>`}grants(e){let{grants:n}=e;if(!n)return $;let i=n.http.length+n.tcp.length+n.files.length+n.emit.length===0&&!n.private_network;return c`<section class="panel" aria-labelledby="grants">
      <div class="panel-head"><h2 id="grants">Grants</h2></div>
      ${i?c`<p class="faint">None. It cannot reach anything outside.</p>`:c`<dl class="facts">
              ${n.http.length?c`<div>
                      <dt>http</dt>
                      <dd>${Is(n.http)}</dd>
                    </div>`:$}
              ${n.tcp.length?c`<div>
                      <dt>tcp</dt>
                      <dd>${Is(n.tcp)}</dd>
                    </div>`:$}
              ${n.files.map(r=>c`<div>
                    <dt>files</dt>
                    <dd>${Y(r.host)} as ${Y(r.guest)}, ${r.write?"to write":"to read"}</dd>
                  </div>`)}
              ${n.emit.length?c`<div>
                      <dt>emit</dt>
                      <dd>${Is(n.emit)}</dd>
                    </div>`:$}
              ${n.private_network?c`<div>
                      <dt>private network</dt>
                      <dd>yes</dd>
                    </div>`:$}
            </dl>`}
    </section>`}error(e){let n=e.last_error;return c`<section class="panel" aria-labelledby="last-error">
      <div class="panel-head">
        <h2 id="last-error">Last error</h2>
        ${e.dead_letters>0?ke("Redrive dead letters","again","operate",()=>dn("replay",{channel:e.name},()=>{this.shown.load()}),{channel:e.name}):$}
      </div>
      ${n?c`<p>${Ze(n.class,n.code)} ${He(n.at)}</p>
              <p>${_(n.error,1e3)}</p>`:c`<p class="faint">No attempt of this run has failed.</p>`}
    </section>`}};T([me()],yi.prototype,"channel",2),yi=T([le("ff-channel")],yi);function wi(t,s,e){return c`<div class="tile">
    <h2>${t}</h2>
    <div class="number">${s}</div>
    <div class="faint">${e}</div>
  </div>`}function Is(t){return t.length===0?c`<span class="faint">none</span>`:t.map(s=>c`<span class="pair">${Y(s,100)}</span> `)}function Ba(t,s){let e=[["timeout",la(t.timeout)],["retries",String(t.retries)],["backoff",t.waits.length>0?`${t.waits.map(la).join(", ")}${t.retries>t.waits.length?", …":""}`:void 0],["fuel",oi(t.fuel)],["memory",An(t.memory)],["concurrency",String(t.concurrency)],["reuse",t.reuse===0?"a fresh instance each":`${t.reuse} attempts`],["expires",t.expires??void 0],["order",t.order==="none"?void 0:t.order],["filter",t.filter?xi(t.filter):void 0],["breaker",t.breaker?xi(t.breaker):void 0],["rate",t.rate?xi(t.rate):void 0],["priority",`${t.priority}${t.first?`, first: ${t.first}`:""}`],["lagging_after",t.lagging_after==="none"?void 0:t.lagging_after],["batch",t.batch?xi(t.batch):void 0],["delay",t.delay??void 0],["quiet",t.quiet?.length?t.quiet.map(i=>`${i.from}–${i.to} ${i.zone}`).join("; "):void 0],["once",t.once?xi(t.once):void 0],["fallback",t.fallback?.length?t.fallback.join(", "):void 0],["fallback_after",t.fallback_after??void 0]],n={defaults:"[defaults]",sidecar:"sidecar",channel:"channel"};return c`<table class="policy">
    <thead>
      <tr>
        <th scope="col">Key</th>
        <th scope="col">Value</th>
        <th scope="col">From</th>
      </tr>
    </thead>
    <tbody>
      ${e.map(([i,r])=>{let l=s[i];return c`<tr class=${l?"set":""}>
          <th scope="row">${er(i)}</th>
          <td>
            ${r===void 0?c`<span class="faint">none</span>`:typeof r=="string"?_(r,300):r}
          </td>
          <td>
            ${l?c`<span class="origin ${l}">${n[l]??l}</span>`:c`<span class="faint">built in</span>`}
          </td>
        </tr>`})}
    </tbody>
  </table>`}function xi(t){return Object.entries(t).filter(([,e])=>e!=null&&e!==!1).map(([e,n])=>`${e} = ${typeof n=="object"?JSON.stringify(n):String(n)}`).join(", ")}var yr=class extends se{constructor(){super(...arguments);this.list=new Z(this,e=>pe("/v1/channels",{},e),4e3);this.stages=new Z(this,e=>pe("/v1/stages",{},e),1e4)}render(){let e=this.list.value?.channels;return c`<div class="head"><h1>Channels</h1></div>
      ${te(this.list.problem)}
      ${e?e.length===0?Be("There are no channels yet.",c`Add one to <code>config.toml</code>, such as <code>[channels.log]</code> with
                  <code>plugin = "builtin:log"</code>. It takes effect while the daemon runs.`):this.table(e):this.list.problem?$:Ae()}
      ${this.stagesPanel()}`}table(e){let n=()=>{this.list.load()};return c`<div class="scroll" role="region" aria-label="Channels" tabindex="0">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">State</th>
            <th scope="col">Plugin</th>
            <th scope="col" class="number">Pending</th>
            <th scope="col" class="number">Success</th>
            <th scope="col" class="number">p99</th>
            <th scope="col">Last error</th>
            <th scope="col"><span class="hidden">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${e.map(i=>{let r=["paused","suspended"].includes(i.state);return c`<tr>
              <th scope="row"><a href=${U(["channels",i.name])}>${_(i.name,60)}</a></th>
              <td data-label="State" class="text">
                ${Qe(i.state)}
                ${i.hold?.reason?c`<div class="faint">${_(i.hold.reason,80)}</div>`:$}
                ${i.error?c`<div class="bad-text">${_(i.error,120)}</div>`:$}
              </td>
              <td data-label="Plugin" class="plugin">
                ${Y(i.plugin,40)}
                <div class="faint">
                  ${i.kind?c`${i.kind} ${Y(ci(i.digest).slice(0,8))}`:$}
                </div>
              </td>
              <td data-label="Pending" class="number">
                ${Q(i.pending)}
                ${i.in_flight>0?c`<div class="faint">${Q(i.in_flight)} in flight</div>`:$}
                ${i.oldest_pending_at?c`<div class="faint" title="The oldest pending">${Ue(i.oldest_pending_at)}</div>`:$}
              </td>
              <td data-label="Success" class="number">
                ${Qn(i.success_rate)}
                ${i.dead_letters>0?c`<div>
                        <a class="bad-text" href=${U(["dead-letters"],{channel:i.name})}
                          >${Q(i.dead_letters)} dead</a
                        >
                      </div>`:$}
              </td>
              <td data-label="p99" class="number">${$t(i.latency?.p99_ms)}</td>
              <td data-label="Last error" class="text">
                ${i.last_error?c`${Ze(i.last_error.class,i.last_error.code)}
                        <div class="faint">${Ue(i.last_error.at)}</div>`:c`<span class="faint">none</span>`}
              </td>
              <td class="actions">
                ${r?ke("Resume","play","operate",()=>nr(i,n),{channel:i.name,label:`Resume ${i.name}`}):ke("Pause","pause","operate",()=>tr(i,n),{channel:i.name,label:`Pause ${i.name}`,off:i.state==="unconfigured"?"It is not configured yet.":void 0})}
                ${ke("Test","test","operate",()=>sr(i.name),{channel:i.name,label:`Test ${i.name}`,off:i.digest?void 0:"There is no plugin to call."})}
              </td>
            </tr>`})}
        </tbody>
      </table>
    </div>`}stagesPanel(){let e=this.stages.value?.stages??[];return e.length===0?te(this.stages.problem):c`<section class="panel" aria-labelledby="stages">
      <div class="panel-head">
        <h2 id="stages">Stages</h2>
        <span class="faint">Events pass these before the channels, in this order.</span>
      </div>
      <div class="scroll" role="region" aria-label="Table of stages" tabindex="0">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">State</th>
              <th scope="col">Plugin</th>
              <th scope="col">Events</th>
              <th scope="col">On failure</th>
              <th scope="col" class="number">p99</th>
              <th scope="col">Last error</th>
            </tr>
          </thead>
          <tbody>
            ${e.map(n=>c`<tr>
                  <th scope="row">${_(n.name,60)}</th>
                  <td data-label="State" class="text">
                    ${Qe(n.state)}${n.error?c`<div class="bad-text">${_(n.error,120)}</div>`:$}
                  </td>
                  <td data-label="Plugin" class="plugin">
                    ${Y(n.plugin,40)}
                    <div class="faint">${Y(ci(n.digest))}</div>
                  </td>
                  <td data-label="Events">
                    ${Object.entries(n.runs).filter(([,i])=>i>0).map(([i,r])=>c`<span class="pair">${i} <b>${Q(r)}</b></span> `)}
                  </td>
                  <td data-label="On failure">${n.on_error==="pass"?"pass the event":"reject the event"}</td>
                  <td data-label="p99" class="number">${$t(n.latency?.p99_ms)}</td>
                  <td data-label="Last error" class="text">
                    ${n.last_error?c`${Ze(n.last_error.class,n.last_error.code)}
                            <div class="faint">${Ue(n.last_error.at)}</div>`:c`<span class="faint">none</span>`}
                  </td>
                </tr>`)}
          </tbody>
        </table>
      </div>
    </section>`}};yr=T([le("ff-channels")],yr);var wr=class extends se{constructor(){super(...arguments);this.shown=new Z(this,e=>pe("/v1/config",{},e),5e3)}render(){let e=this.shown.value;if(!e)return c`<h1>Config</h1>
        ${this.shown.problem?te(this.shown.problem):Ae()}`;let n=e.last_reload,i=[...new Set(e.keys.map(({key:r})=>r.split(".")[0]??""))];return c`<div class="head">
        <div>
          <h1>Config</h1>
          <p class="faint">${Y(e.file,300)}</p>
        </div>
        ${n?c`<div class="control">${Qe(n.outcome)} <span class="faint">read ${He(n.at)}</span></div>`:$}
      </div>
      ${te(this.shown.problem)}
      ${n?.outcome==="rejected"?c`<section class="panel" aria-labelledby="errors">
              <div class="panel-head">
                <h2 id="errors">What is wrong</h2>
                <span class="faint">The previous configuration stays in force.</span>
              </div>
              <ul class="lines">
                ${n.errors.map(r=>c`<li><span class="what bad-text">${lh(r)}</span></li>`)}
              </ul>
              <p class="faint"><code>fanfare check</code> shows each with its line.</p>
            </section>`:$}
      ${e.keys.some(r=>r.at_restart)?c`<div class="alarm warn">
              ${H("warning")}<span>Some values in the file take effect at the next start.</span>
            </div>`:$}
      <div class="columns">
        <div>${i.map(r=>this.table(r,e))}</div>
        <section class="panel" aria-labelledby="defaults">
          <div class="panel-head">
            <h2 id="defaults"><code>[defaults]</code></h2>
            <span class="faint">of every channel</span>
          </div>
          ${Ba(e.defaults,e.defaults_from)}
        </section>
      </div>`}table(e,n){let i=n.keys.filter(({key:r})=>r.startsWith(`${e}.`));return c`<section class="panel" aria-labelledby="table-${e}">
      <div class="panel-head">
        <h2 id="table-${e}"><code>[${e}]</code></h2>
      </div>
      <table class="policy">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          ${i.map(({key:r,value:l,line:d,at_restart:u})=>c`<tr class=${d?"set":""}>
                <th scope="row">${er(r.slice(e.length+1))}</th>
                <td>
                  ${_(l,300)}${u?c`<div class="warn-text">at the next start: ${_(u,300)}</div>`:$}
                </td>
                <td>
                  ${d?c`<span class="origin">line ${d}</span>`:c`<span class="faint">built in</span>`}
                </td>
              </tr>`)}
        </tbody>
      </table>
    </section>`}};wr=T([le("ff-config")],wr);function lh(t){let[,s,e]=/^(?:channel \S+: )?(.*?:\d+:\d+:)(.*)$/s.exec(t)??[];return s?c`${Y(s,300)} ${_(e,1e3)}`:_(t,1e3)}function Jc(t){let s=["first","cause","this","effect"],e=f=>f.role==="more"?"effect":f.role,n=s.map(f=>t.filter(v=>e(v)===f)).filter(f=>f.length>0),i=Math.max(1,...n.map(f=>f.length)),r=i*46+(i-1)*12,l=n.map((f,v)=>{let g=f.length*46+(f.length-1)*12,y=(r-g)/2;return f.map((P,C)=>({...P,x:v*292,y:y+C*58,width:208,height:46}))}),d=[];for(let f=1;f<l.length;f+=1)for(let v of l[f-1]??[])for(let g of l[f]??[])d.push({from:{x:v.x+v.width,y:v.y+v.height/2},to:{x:g.x,y:g.y+g.height/2},label:g.by,indirect:v.role==="first"});let u=l.length*208+Math.max(0,l.length-1)*84;return{nodes:l.flat(),edges:d,width:u,height:r}}function Kc({from:t,to:s}){let e=(t.x+s.x)/2;return`M${t.x} ${t.y}C${e} ${t.y} ${e} ${s.y} ${s.x} ${s.y}`}function*Qc(t){let s=/("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|([{}[\],:])|(\s+)|([^\s{}[\],:"]+|")/gs;for(let e of t.matchAll(s)){let[n,i,r,l,d]=e;i!==void 0?yield{kind:"string",text:n}:r!==void 0?yield{kind:"number",text:n}:l!==void 0?yield{kind:"mark",text:n}:d!==void 0?yield{kind:"space",text:n}:yield{kind:"word",text:n}}}function Zc(t){let s=[...Qc(t)].filter(r=>r.kind!=="space"),e=[],n=0,i=()=>e.push({kind:"space",text:`
${"  ".repeat(n)}`});return s.forEach((r,l)=>{let d=s[l+1];switch(r.text){case"{":case"[":{e.push({kind:"mark",text:r.text});let u=r.text==="{"?"}":"]";d?.text!==u&&(n+=1,i());break}case"}":case"]":{s[l-1]?.text!==(r.text==="}"?"{":"[")&&(n=Math.max(0,n-1),i()),e.push(r);break}case",":e.push(r),i();break;case":":e.push(r,{kind:"space",text:" "});break;default:e.push(r.kind==="string"&&d?.text===":"?{kind:"name",text:r.text}:r)}}),e}function Rn(t,s){let e=0,n=0,i=!1,r,l;for(let d of Qc(t)){let{kind:u}=d,f=n+d.text.length;if(u==="mark"&&(d.text==="}"||d.text==="]")&&(e-=1),r!==void 0&&(e===1&&d.text===","&&u==="mark"||e===0))return t.slice(r,n).trim();if(e===1&&u==="string"&&r===void 0&&(l=d.text),e===1&&u==="mark"&&d.text===":"&&l!==void 0&&r===void 0){try{i=JSON.parse(l)===s}catch{i=!1}i&&(r=f),l=void 0}u==="mark"&&(d.text==="{"||d.text==="[")&&(e+=1),n=f}}var rs=class extends se{constructor(){super(...arguments);this.given=[];this.chosen="";this.label="Channel";this.all=new Z(this,e=>pe("/v1/channels",{},e));this.choose=e=>{let{value:n}=e.target;this.dispatchEvent(new CustomEvent("choose",{detail:n}))}}render(){let e=(this.all.value?.channels??[]).filter(i=>i.state!=="unconfigured").map(i=>i.name),n=[...new Set([...this.given,...e])];return c`<select aria-label=${this.label} @change=${this.choose}>
      ${n.map(i=>c`<option value=${i} ?selected=${i===this.chosen}>${be(i,60)}</option>`)}
    </select>`}};T([me({attribute:!1})],rs.prototype,"given",2),T([me()],rs.prototype,"chosen",2),T([me()],rs.prototype,"label",2),rs=T([le("ff-channel-select")],rs);var Xc=2e4,Dn=class extends se{constructor(){super(...arguments);this.text="";this.label="Data";this.whole=!1;this.copied=!1}render(){let e=this.text.length>Xc,n=e&&!this.whole?this.text.slice(0,Xc):this.text;return c`<div class="payload">
      <button class="quiet copy" @click=${this.copy} aria-label=${`Copy: ${this.label}`}>
        ${H(this.copied?"success":"copy")}<span aria-live="polite">${this.copied?"Copied":"Copy"}</span>
      </button>
      <pre
        tabindex="0"
        role="region"
        aria-label=${`${this.label} as JSON`}
        dir="ltr"
      ><code>${Zc(n).map(oh)}</code></pre>
      ${e&&!this.whole?c`<button class="quiet" @click=${()=>this.whole=!0}>Show all ${An(this.text.length)}</button>`:$}
    </div>`}async copy(){try{await navigator.clipboard.writeText(this.text),this.copied=!0,setTimeout(()=>this.copied=!1,1500)}catch{}}};T([me()],Dn.prototype,"text",2),T([me()],Dn.prototype,"label",2),T([Ee()],Dn.prototype,"whole",2),T([Ee()],Dn.prototype,"copied",2),Dn=T([le("ff-payload")],Dn);function oh({kind:t,text:s}){let e=Mt(s,Number.POSITIVE_INFINITY);return t==="space"||t==="mark"?e:c`<span class="json-${t}">${e}</span>`}var ch=new Set(["specversion","data","data_base64"]),Ya=8,as=class extends se{constructor(){super(...arguments);this.event="";this.source="";this.channel="";this.shown=new Z(this,e=>this.load(e));this.chain=new Z(this,e=>this.related(e));this.again=()=>{this.shown.load(),this.chain.load()}}load(e){return this.loaded=this.ask(e),this.loaded}async ask(e){let n=`/v1/events/${Fe(this.event)}${ai({source:this.source})}`,{value:i,text:r}=await ct("GET",n,void 0,e),l=Rn(r,"event")??"{}";return this.data=Rn(l,"data")??Rn(l,"data_base64"),i}async related(e){let n=await this.loaded;if(!n)return[];let i=n.event,r=i.correlationid,l=i.causationid,d=[];r&&r!==i.id&&r!==l&&d.push({id:r,type:"first of the chain",role:"first"}),l&&d.push({id:l,type:"cause",role:"cause"}),d.push({id:i.id,source:i.source,type:i.type,role:"this",by:ed(i.source)});let f=(await Promise.all(Object.entries(n.result.channels).filter(([,v])=>v.attempts>0).slice(0,12).map(([v])=>pe("/v1/events",{source:`/channels/${v}`,after:n.offset,limit:100},e)))).flatMap(v=>v.events.map(({event:g})=>g)).filter(v=>v.causationid===i.id);for(let v of f.slice(0,Ya))d.push({id:v.id,source:v.source,type:v.type,role:"effect",by:ed(v.source)});return f.length>Ya&&d.push({id:"",type:`${f.length-Ya} more`,role:"more"}),d}connectedCallback(){super.connectedCallback(),this.unfollow=Ms((e,n)=>{e==="settled"&&JSON.parse(n).offset===this.shown.value?.offset&&this.again()})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.()}willUpdate(e){(e.has("event")&&e.get("event")||e.get("source")!==void 0)&&(this.channel="",this.shown.restart(),this.chain.restart())}render(){let e=this.shown.value;if(!e)return c`<h1>Event</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}
                <p><a href="#/events">All events</a></p>`:Ae()}`;let n=e.event;return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/events">Events</a> / ${Y(n.id,60)}</p>
          <h1>${_(n.type,120)}</h1>
        </div>
        ${pi(e.result.overall_status)}
      </div>
      ${te(this.shown.problem)}
      ${e.incomplete?c`<div class="alarm bad">A damaged part of the journal hides some of this: ${_(e.reason)}</div>`:$}
      ${this.graph()}
      <div class="columns event">
        <div>
          ${this.channels(e)}
          <section class="panel" aria-labelledby="timeline">
            <div class="panel-head"><h2 id="timeline">Timeline</h2></div>
            ${uo(e)}
          </section>
        </div>
        <div>
          <section class="panel" aria-labelledby="data">
            <div class="panel-head"><h2 id="data">Data</h2></div>
            ${this.data===void 0?c`<p class="faint">This event has no data.</p>`:c`<ff-payload .text=${this.data} label="Data"></ff-payload>`}
          </section>
          ${this.facts(e,n)}
        </div>
      </div>`}channels(e){let n=Object.entries(e.result.channels);return c`<section class="panel" aria-labelledby="deliveries">
      <div class="panel-head">
        <h2 id="deliveries">Deliveries</h2>
        ${this.replayer(e)}
      </div>
      ${n.length===0?c`<p class="faint">No channel gets this event. The channels’ filters say why.</p>`:c`<div class="scroll" role="region" aria-label="Table of deliveries" tabindex="0">
              <table class="cards">
                <thead>
                  <tr>
                    <th scope="col">Channel</th>
                    <th scope="col">Status</th>
                    <th scope="col" class="number">Attempts</th>
                    <th scope="col">Result</th>
                    <th scope="col"><span class="hidden">Actions</span></th>
                  </tr>
                </thead>
                <tbody>
                  ${n.map(([i,r])=>c`<tr>
                        <th scope="row">
                          <a href=${U(["channels",i])}>${_(i,60)}</a>
                          ${r.fallback_for?c`<div class="faint">fallback for ${_(r.fallback_for,40)}</div>`:$}
                        </th>
                        <td data-label="Status">${pi(r.status)}</td>
                        <td data-label="Attempts" class="number">${r.attempts}</td>
                        <td data-label="Result">
                          ${r.class?c`<div>${Ze(r.class,r.code??"")} ${_(r.error,200)}</div>`:$}
                          ${r.status==="pending"?c`<div class="faint">${ua(r)}</div>`:$}
                          ${r.reason?c`<div>${Y(r.reason)} ${_(r.detail,200)}</div>`:$}
                          ${r.receipt?c`<div class="receipt">${Y(JSON.stringify(r.receipt),200)}</div>`:$}
                          ${r.status==="failed"?c`<a href=${U(["dead-letters",r.delivery_id])}>dead letter</a>`:$}
                        </td>
                        <td class="actions">
                          ${r.status==="pending"?ke("Drop","trash","operate",()=>vo(r.delivery_id,i,this.again),{channel:i,danger:!0,label:`Drop the delivery to ${i}`}):$}
                        </td>
                      </tr>`)}
                </tbody>
              </table>
            </div>`}
    </section>`}replayer(e){let n=Object.keys(e.result.channels);return c`<div class="control">
      <ff-channel-select
        .given=${n}
        .chosen=${this.channel||n[0]||""}
        label="Channel to send it to"
        @choose=${i=>this.channel=i.detail}
      ></ff-channel-select>
      ${ke("Replay","again","operate",()=>go(e,this.channel||n[0]||"",this.again),{label:"Replay to this channel"})}
    </div>`}graph(){let e=this.chain.value;if(!e||e.length<2)return $;let{nodes:n,edges:i,width:r,height:l}=Jc(e),d=e.map(u=>`${u.role==="this"?"this event":u.role}: ${u.type}`).join(", ");return c`<section class="panel" aria-labelledby="chain">
      <div class="panel-head"><h2 id="chain">Cause and effect</h2></div>
      <div class="graph" tabindex="0" role="region" aria-label="Cause and effect: ${be(d,300)}">
        <svg width=${r+4} height=${l+4} viewBox="-2 -2 ${r+4} ${l+4}">
          ${i.map(u=>ae`<path class="edge ${u.indirect?"indirect":""}" d=${Kc(u)} />
              ${u.label?ae`<text class="edge-label" x=${u.to.x-8} y=${u.to.y+(u.to.y>u.from.y?15:-6)}>${be(u.label,14)}</text>`:$}`)}
          ${n.map(u=>{let f=ae`<rect class="node ${u.role}" x=${u.x} y=${u.y} width=${u.width} height=${u.height} rx="7" />
              <text x=${u.x+12} y=${u.y+19}>${be(u.type,27)}</text>
              <text class="faint" x=${u.x+12} y=${u.y+36}>${be(u.id,28)}</text>`;return u.role==="this"||u.role==="more"?ae`<g>${f}</g>`:ae`<a href=${U(["events",u.id],{source:u.source})} ><title>${`${u.role}: ${be(u.type,120)} ${be(u.id,120)}`}</title>${f}</a>`})}
        </svg>
      </div>
    </section>`}facts(e,n){let i=Object.keys(n).filter(r=>!ch.has(r));return c`<section class="panel" aria-labelledby="attributes">
      <div class="panel-head"><h2 id="attributes">Attributes</h2></div>
      <dl class="facts">
        <div>
          <dt>offset</dt>
          <dd>${e.offset}</dd>
        </div>
        <div>
          <dt>recorded</dt>
          <dd>${He(e.result.broadcast_at)}</dd>
        </div>
        ${i.map(r=>c`<div>
              <dt>${_(r,64)}</dt>
              <dd>${Y(String(n[r]),1e3)}</dd>
            </div>`)}
      </dl>
    </section>`}};T([me()],as.prototype,"event",2),T([me()],as.prototype,"source",2),T([Ee()],as.prototype,"channel",2),as=T([le("ff-event")],as);function ed(t){return/^\/channels\/(.+)$/.exec(t)?.[1]}function Ja(t,s,e=96,n=22){let i=Gc(t,18),r=Bc(i,Math.max(1,Math.floor(i.length/60)));return c`<svg
    class="spark ${s}"
    viewBox="0 -2 ${e} ${n+4}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${ae`<path d=${Wc(r,e,n)} />`}
  </svg>`}function ki(t,s){let e=Math.max(0,Math.min(1,t))*100;return c`<svg class="bar ${s}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    ${ae`<rect class="track" width="100" height="4" /><rect width=${e.toFixed(2)} height="4" />`}
  </svg>`}var Ka=5e3,td=3,Si=class extends se{constructor(){super(...arguments);this.window="hour";this.stats=new Z(this,e=>pe("/v1/stats",{},e),Ka);this.hour=new Z(this,e=>pe("/v1/series",{window:"hour"},e),Ka);this.day=new Z(this,e=>pe("/v1/series",{window:"day"},e),6e4);this.channels=new Z(this,e=>pe("/v1/channels",{},e),Ka);this.stages=new Z(this,e=>pe("/v1/stages",{},e),1e4);this.latest=new Z(this,e=>pe("/v1/events",{order:"newest",limit:8},e))}connectedCallback(){super.connectedCallback(),this.unfollow=Ms(()=>{this.timer??=setTimeout(()=>{this.timer=void 0,this.latest.load()},1e3)})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.(),clearTimeout(this.timer),this.timer=void 0}render(){let e=this.stats.value;return e?c`<div class="head">
        <h1>Overview</h1>
        <p class="faint">Version ${e.version}, up for ${Ps(e.uptime_seconds)}</p>
      </div>
      ${te(this.stats.problem)} ${this.alarms(e)} ${this.tiles(e)} ${this.chart()} ${this.byChannel()}
      <div class="columns">${this.failures(e)} ${this.newest()}</div>`:c`<h1>Overview</h1>
        ${this.stats.problem?te(this.stats.problem):Ae()}`}alarms(e){let{journal:n}=e,i=(this.channels.value?.channels??[]).filter(d=>!["active","unconfigured"].includes(d.state)),r=e.last_reload?.outcome==="rejected"?e.last_reload:void 0,l=(this.stages.value?.stages??[]).filter(d=>d.state!=="active");return n.status==="ok"&&l.length===0&&i.length===0&&!r&&e.removed.length===0?$:c`<section class="alarms" aria-label="What needs a look">
      ${n.status==="ok"?$:c`<div class="alarm bad">
              ${H("warning")}<span><b>The journal is ${n.status}.</b> ${_(n.error)}</span>
            </div>`}
      ${r?c`<div class="alarm bad">
              ${H("warning")}<span
                ><b>The last reload was rejected.</b> ${_(r.errors[0],200)}
                <a href="#/config">Config</a></span
              >
            </div>`:$}
      ${l.map(d=>c`<div class="alarm bad">
            ${Qe(d.state)}
            <span>
              <a href="#/channels"><b>stage ${_(d.name,60)}</b></a> ${_(d.error,140)}
              <span class="faint">${d.on_error==="pass"?"events skip it":"its events are rejected"}</span>
            </span>
          </div>`)}
      ${i.map(d=>{let u=d.hold?.reason||d.error||"";return c`<div class="alarm ${d.state==="paused"?"wait":"warn"}">
          ${Qe(d.state)}
          <span>
            <a href=${U(["channels",d.name])}><b>${_(d.name,60)}</b></a>
            ${_(u,140)}
            ${d.hold?.until?c`<span class="faint"> · tries again ${Ue(d.hold.until)}</span>`:$}
            ${d.pending>0?c`<span class="faint"> · ${Q(d.pending)} pending</span>`:$}
          </span>
        </div>`})}
      ${e.removed.map(d=>c`<div class="alarm warn">
            ${H("warning")}<span
              ><a href=${U(["channels",d.channel])}><b>${_(d.channel,60)}</b></a> is no longer configured
              and has ${Ge(d.pending,"pending delivery","pending deliveries")}.</span
            >
          </div>`)}
    </section>`}tiles(e){let n=this.hour.value,i=this.channels.value?.channels??[],r=i.filter(v=>v.policy?.breaker),l=r.filter(v=>v.state==="open").length,d=i.map(v=>v.oldest_pending_at).filter(v=>v).sort()[0],u=(n?.failed??[]).reduce((v,g)=>v+(g??0),0)*(n?.step_seconds??0),f=[["Accepted","wait",n?.accepted,`${Q(e.totals.accepted)} in all`],["Delivered","ok",n?.delivered,`${Q(e.totals.delivered)} in all`],["Failed","warn",n?.failed,`${Q(u)} attempts, last hour`],["Dead","bad",n?.dead,`${Q(e.totals.dead)} in all`]];return c`<section class="tiles" aria-label="Rates and totals">
      ${f.map(([v,g,y,P])=>c`<div class="tile rate">
            <h2>${v}</h2>
            <div class="number">${gn(y?$i(y,td):void 0)}<span class="unit">/s</span></div>
            ${y?Ja(y,g):$}
            <div class="faint">${P}</div>
          </div>`)}
      <div class="tile">
        <h2>Success rate</h2>
        <div class="number">${Qn(e.totals.success_rate)}</div>
        ${e.totals.success_rate===null||e.totals.success_rate===void 0?$:ki(e.totals.success_rate,"ok")}
        <div class="faint">${e.totals.mean_attempts?.toFixed(2)??"–"} attempts each</div>
      </div>
      <div class="tile">
        <h2>Pending</h2>
        <div class="number">${Q(e.totals.pending)}</div>
        <div class="faint">${d?c`oldest ${Ue(d)}`:"no backlog"}</div>
      </div>
      <div class="tile">
        <h2>Breakers</h2>
        <div class="number">${r.length===0?"–":`${l} open`}</div>
        <div class="faint">${r.length===0?"no channel has one":`of ${r.length}`}</div>
      </div>
      <div class="tile">
        <h2>Attempts take</h2>
        <div class="number">${$t(e.latency?.p50_ms)}</div>
        <div class="faint">median; ${$t(e.latency?.p99_ms)} at p99</div>
      </div>
    </section>`}chart(){let e=this.window==="hour"?this.hour:this.day,n=e.value&&$r(e.value,dh(e.value)),i=(r,l)=>c`<button aria-pressed=${this.window===r} @click=${()=>this.window=r}>${l}</button>`;return c`<section class="panel" aria-labelledby="throughput">
      <div class="panel-head">
        <h2 id="throughput">Throughput</h2>
        <div class="switch" role="group" aria-label="How far back">
          ${i("hour","Hour")}${i("day","Day")}
        </div>
      </div>
      ${te(e.problem)}
      ${n?c`<ff-chart .times=${n.times} .lines=${n.lines} label="Rates per second over the last ${this.window}"></ff-chart>`:Ae()}
    </section>`}byChannel(){let e=this.channels.value?.channels,n=this.hour.value;return e?c`<section class="panel" aria-labelledby="by-channel">
      <div class="panel-head"><h2 id="by-channel">By channel</h2></div>
      ${e.length===0?Be("There are no channels yet.",c`Add one to <code>config.toml</code>, such as <code>[channels.log]</code> with
                <code>plugin = "builtin:log"</code>. It takes effect while the daemon runs.`):c`<div class="scroll" role="region" aria-label="Channels" tabindex="0">
              <table class="cards">
                <thead>
                  <tr>
                    <th scope="col">Channel</th>
                    <th scope="col">State</th>
                    <th scope="col" class="wide">Delivered, last hour</th>
                    <th scope="col" class="number">Now</th>
                    <th scope="col" class="number">Pending</th>
                    <th scope="col" class="number">Dead letters</th>
                    <th scope="col" class="number">Success</th>
                    <th scope="col" class="number">p99</th>
                  </tr>
                </thead>
                <tbody>
                  ${e.map(i=>{let r=n?.channels[i.name];return c`<tr>
                      <th scope="row"><a href=${U(["channels",i.name])}>${_(i.name,60)}</a></th>
                      <td data-label="State">${Qe(i.state)}</td>
                      <td data-label="Last hour" class="wide">
                        ${r?Ja(r.delivered,"ok",160,20):c`<span class="faint">–</span>`}
                      </td>
                      <td data-label="Now" class="number">
                        <span>${gn(r?$i(r.delivered,td):0)}<span class="unit">/s</span></span>
                      </td>
                      <td data-label="Pending" class="number">${Q(i.pending)}</td>
                      <td data-label="Dead letters" class="number">
                        ${i.dead_letters>0?c`<a class="bad-text" href=${U(["dead-letters"],{channel:i.name})}
                                >${Q(i.dead_letters)}</a
                              >`:"0"}
                      </td>
                      <td data-label="Success" class="number">${Qn(i.success_rate)}</td>
                      <td data-label="p99" class="number">${$t(i.latency?.p99_ms)}</td>
                    </tr>`})}
                </tbody>
              </table>
            </div>`}
    </section>`:te(this.channels.problem)}failures(e){return c`<section class="panel" aria-labelledby="failures">
      <div class="panel-head"><h2 id="failures">Recent failures</h2></div>
      ${e.recent_failures.length===0?Be("No attempt has failed since the start.","Failed attempts appear here immediately, with class and code."):c`<ul class="lines">
              ${e.recent_failures.slice(0,8).map(n=>c`<li>
                    <span class="when">${He(n.at)}</span>
                    <span class="what">
                      <a href=${U(["channels",n.channel])}>${_(n.channel,40)}</a>
                      ${Ze(n.class,n.code)}
                      <span class="faint">attempt ${n.attempt}</span>
                      <span class="detail">${_(n.error,160)}</span>
                    </span>
                  </li>`)}
            </ul>`}
    </section>`}newest(){let e=this.latest.value;return c`<section class="panel" aria-labelledby="newest">
      <div class="panel-head">
        <h2 id="newest">Latest events</h2>
        <a href="#/events">All events</a>
      </div>
      ${te(this.latest.problem)}
      ${e?.events.length===0?Be("No event has arrived yet.",Qa()):c`<ul class="lines">
              ${e?.events.map(({event:n,result:i})=>{let{id:r,source:l}=n;return c`<li>
                  <span class="when">${He(i.broadcast_at)}</span>
                  <span class="what">
                    <a href=${U(["events",r],{source:l})}>${_(i.event_type,60)}</a>
                    <span class="counts">
                      ${i.summary.successful>0?c`<span class="ok-text">${H("success")}${i.summary.successful}<span class="hidden"> delivered</span></span>`:$}
                      ${i.summary.failed>0?c`<span class="bad-text">${H("failed")}${i.summary.failed}<span class="hidden"> failed</span></span>`:$}
                      ${i.summary.pending>0?c`<span class="wait-text">${H("pending")}${i.summary.pending}<span class="hidden"> pending</span></span>`:$}
                      ${i.summary.skipped>0?c`<span class="faint">${H("skipped")}${i.summary.skipped}<span class="hidden"> skipped</span></span>`:$}
                    </span>
                  </span>
                </li>`})}
            </ul>`}
    </section>`}};T([Ee()],Si.prototype,"window",2),Si=T([le("ff-overview")],Si);function Qa(){return c`Send one:
    <pre class="command" tabindex="0">
curl ${location.origin}/v1/events -H 'content-type: application/json' \\
  -d '{"type": "user.signup", "message": "New user registered"}'</pre>`}function dh(t){return[{name:"Delivered",colour:"ok",values:t.delivered,fill:!0},{name:"Accepted",colour:"wait",values:t.accepted},{name:"Failed",colour:"warn",values:t.failed},{name:"Dead",colour:"bad",values:t.dead}]}var ph=50,uh=500,nd=["type","status","channel","source","since","until"],hh=["success","partial","failed","pending","unrouted","cancelled"],Ln=class extends se{constructor(){super(...arguments);this.query=new URLSearchParams;this.paused=!1;this.looking=!1;this.missed=0;this.channels=new Z(this,e=>pe("/v1/channels",{},e));this.page=new Z(this,e=>this.load(e));this.fresh=new Set;this.newest=0;this.look=e=>{this.looking=e,!e&&this.missed>0&&this.soon()};this.toggle=()=>{this.paused=!this.paused,this.paused||this.page.load()};this.filter=e=>{e.preventDefault();let n=this.querySelector("form");if(n){let i=Object.fromEntries([...new FormData(n)].map(([r,l])=>[r,String(l).trim()]));Vt(U(["events"],i))}}}load(e){let n=this.query.get("after");return pe("/v1/events",{...ro(this.query,new Date),order:"newest",limit:ph,after:n},e).then(i=>{let r=i.events.map(l=>l.offset);return this.fresh=new Set(this.newest>0?r.filter(l=>l>this.newest):[]),this.newest=Math.max(this.newest,...r,0),this.missed=0,i})}connectedCallback(){super.connectedCallback(),this.unfollow=Ms(e=>{this.stopped?this.missed+=e==="event"?1:0:this.soon()})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.(),clearTimeout(this.timer),this.timer=void 0}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&(this.newest=0,this.page.restart())}get stopped(){return this.paused||this.looking||this.query.has("after")}soon(){this.timer??=setTimeout(()=>{this.timer=void 0,this.stopped||this.page.load()},uh)}render(){let e=this.page.value,n=nd.some(i=>this.query.has(i));return c`<div class="head">
        <h1>Events</h1>
        ${this.control()}
      </div>
      ${this.filters()} ${te(this.page.problem)}
      ${e?e.events.length===0?n||this.query.has("after")?Be("No event matches.",c`<a href="#/events">Show all events</a>`):Be("No event has arrived yet.",Qa()):this.table(e):this.page.problem?$:Ae()}`}control(){if(this.query.has("after"))return c`<a class="button" href=${this.href({after:void 0})}>Back to the newest</a>`;let e=this.paused?"Paused":this.looking?"Paused while you look":"Live";return c`<div class="control">
      <span class="connection ${this.stopped?"wait":"ok"}" role="status"><span class="dot"></span>${e}</span>
      ${this.missed>0?c`<button class="primary" @click=${()=>{this.page.load()}}>${Ge(this.missed,"new event")}</button>`:$}
      <button aria-pressed=${this.paused} @click=${this.toggle}>
        ${H(this.paused?"play":"pause")}${this.paused?"Follow":"Pause"}
      </button>
    </div>`}filters(){let e=this.channels.value?.channels.map(r=>r.name)??[],n=r=>this.query.get(r)??"",i=(r,l,d)=>c`<select name=${r} @change=${this.filter}>
        <option value="" ?selected=${n(r)===""}>${d}</option>
        ${[...new Set([...l,n(r)])].filter(u=>u!=="").map(u=>c`<option value=${u} ?selected=${n(r)===u}>${u}</option>`)}
      </select>`;return c`<form class="filters" role="search" aria-label="Filter events" @submit=${this.filter}>
      <label>Type <input name="type" .value=${n("type")} placeholder="order.*" @change=${this.filter} /></label>
      <label>Status ${i("status",hh,"any")}</label>
      <label>Channel ${i("channel",e,"any")}</label>
      <label
        >Source <input name="source" .value=${n("source")} placeholder="/shop" @change=${this.filter}
      /></label>
      <label
        >Since
        <input name="since" .value=${n("since")} placeholder="15m, or a time" list="spans" @change=${this.filter}
      /></label>
      <label>Until <input name="until" .value=${n("until")} placeholder="a time" @change=${this.filter} /></label>
      <datalist id="spans">
        ${["15m","1h","6h","1d","7d"].map(r=>c`<option value=${r}></option>`)}
      </datalist>
      <button>${H("search")}Filter</button>
      ${nd.some(r=>this.query.has(r))?c`<a class="button quiet" href="#/events">${H("close")}Clear</a>`:$}
    </form>`}href(e){return U(["events"],{...Object.fromEntries(this.query),...e})}table(e){return c`${e.incomplete?c`<div class="alarm bad">
              ${H("warning")}<span
                >A damaged part of the journal hides events. <code>fanfare doctor</code> shows the extent.</span
              >
            </div>`:$}
      <div class="scroll" role="region" aria-label="Events, newest first" tabindex="0">
        <table
          class="cards"
          @pointerenter=${n=>n.pointerType==="mouse"&&this.look(!0)}
          @pointerleave=${()=>this.look(!1)}
        >
          <thead>
            <tr>
              <th scope="col">Recorded</th>
              <th scope="col">Type</th>
              <th scope="col">Status</th>
              <th scope="col">Channels</th>
              <th scope="col">Source</th>
              <th scope="col" class="number">Offset</th>
            </tr>
          </thead>
          <tbody>
            ${e.events.map(({event:n,result:i,offset:r})=>{let{id:l,source:d,subject:u}=n;return c`<tr class=${this.fresh.has(r)?"fresh":""}>
                <td data-label="Recorded" class="narrow">${He(i.broadcast_at)}</td>
                <th scope="row" class="long">
                  <a href=${U(["events",l],{source:d})}>${_(i.event_type,80)}</a>
                  <div class="faint">${Y(l,60)}${u?c` · ${_(u,40)}`:$}</div>
                </th>
                <td data-label="Status">${pi(i.overall_status)}</td>
                <td data-label="Channels">
                  <div class="chips">
                    ${Object.entries(i.channels).map(([f,v])=>co(f,v.status,fh(f,v)))}
                  </div>
                </td>
                <td data-label="Source">${_(d,40)}</td>
                <td data-label="Offset" class="number">${r}</td>
              </tr>`})}
          </tbody>
        </table>
      </div>
      <div class="pager">
        ${e.next===null||e.next===void 0?$:c`<a class="button" href=${this.href({after:e.next})}>Older ${H("right")}</a>`}
      </div>`}};T([me({attribute:!1})],Ln.prototype,"query",2),T([Ee()],Ln.prototype,"paused",2),T([Ee()],Ln.prototype,"looking",2),T([Ee()],Ln.prototype,"missed",2),Ln=T([le("ff-events")],Ln);function fh(t,s){let e=[`${t}: ${s.status}`,`${Ge(s.attempts,"attempt")}`];return s.code&&e.push(`${s.class} ${s.code}: ${s.error??""}`),s.waiting_for&&e.push(`waiting for ${s.waiting_for}${s.until?` until ${s.until}`:""}`),s.reason&&e.push(`${s.reason}: ${s.detail??""}`),e.join(`
`)}var _i=class extends se{constructor(){super(...arguments);this.delivery="";this.text="";this.shown=new Z(this,async e=>{let{value:n,text:i}=await ct("GET",`/v1/dead-letters/${Fe(this.delivery)}`,void 0,e),r=Rn(i,"event")??"";return this.text=r==="null"?"":r,n});this.channels=new Z(this,e=>pe("/v1/channels",{},e))}willUpdate(e){e.has("delivery")&&e.get("delivery")&&this.shown.restart()}render(){let e=this.shown.value;if(!e)return c`<h1>Dead letter</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}
                <p>It may have been redriven or deleted. <a href="#/dead-letters">All dead letters</a></p>`:Ae()}`;let n=this.channels.value?.channels.find(l=>l.name===e.channel),i=n?.digest&&e.plugin&&!n.digest.startsWith(e.plugin),r=()=>Vt("#/dead-letters");return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/dead-letters">Dead letters</a> / ${Y(e.delivery_id)}</p>
          <h1>${_(e.event_type,120)} <span class="faint">to</span> ${_(e.channel,60)}</h1>
        </div>
        <div class="control">
          ${ke("Redrive","again","operate",()=>dn("replay",{delivery_id:e.delivery_id},r),{channel:e.channel})}
          ${ke("Delete","trash","admin",()=>this.purge(e,r),{channel:e.channel,danger:!0})}
        </div>
      </div>
      <div class="alarm bad">
        ${H("failed")}<span>${Ze(e.class,e.code)} ${_(e.error,1e3)}</span>
      </div>
      <div class="columns">
        <section class="panel" aria-labelledby="history">
          <div class="panel-head"><h2 id="history">${Ge(e.history.length,"attempt")}</h2></div>
          <ol class="timeline">
            ${e.history.map(l=>c`<li class=${l.class?"bad":"ok"}>
                  <span class="mark">${H(l.class?"failed":"success")}</span>
                  <div class="step">
                    <div class="step-head">
                      <b>attempt ${l.number}</b>
                      <span class="faint">${l.trigger}</span> ${He(l.started)}
                    </div>
                    ${ha(l)}
                  </div>
                </li>`)}
          </ol>
        </section>
        <div>
          <section class="panel" aria-labelledby="letter">
            <div class="panel-head"><h2 id="letter">Delivery</h2></div>
            <dl class="facts">
              <div>
                <dt>event</dt>
                <dd>
                  <a href=${U(["events",e.event_id],{source:e.source})}>${Y(e.event_id)}</a>
                </dd>
              </div>
              <div>
                <dt>source</dt>
                <dd>${Y(e.source)}</dd>
              </div>
              <div>
                <dt>offset</dt>
                <dd>${e.offset}</dd>
              </div>
              <div>
                <dt>channel</dt>
                <dd><a href=${U(["channels",e.channel])}>${_(e.channel,60)}</a></dd>
              </div>
              <div>
                <dt>given up</dt>
                <dd>${He(e.at)}</dd>
              </div>
              <div>
                <dt>plugin then</dt>
                <dd>
                  ${Y(e.plugin??"none")}${i?c` <span class="faint">replaced since</span>`:""}
                </dd>
              </div>
            </dl>
          </section>
          <section class="panel" aria-labelledby="event">
            <div class="panel-head"><h2 id="event">Event</h2></div>
            ${this.text===""?c`<p class="faint">The event is no longer in the journal.</p>`:c`<ff-payload .text=${this.text} label="Event"></ff-payload>`}
          </section>
        </div>
      </div>`}purge(e,n){ht({title:"Delete this dead letter?",body:"A deleted dead letter cannot be redriven.",phrase:"delete",action:"Delete",danger:!0,act:async()=>(await ct("DELETE",`/v1/dead-letters/${Fe(e.delivery_id)}`),n(),"The dead letter is deleted.")})}};T([me()],_i.prototype,"delivery",2),_i=T([le("ff-letter")],_i);var mh=500,xr=50,gh=["channel","type","class","code","since","until"],vh=["retry","throttled","rejected","suspended","trap","fuel","timeout","memory","denied","expired","host"],Ti=class extends se{constructor(){super(...arguments);this.query=new URLSearchParams;this.channels=new Z(this,e=>pe("/v1/channels",{},e));this.page=new Z(this,e=>this.load(e),5e3);this.jobs=new Z(this,e=>pe("/v1/replays",{},e),2e3);this.many=xr;this.again=()=>{this.page.load(),this.jobs.load()};this.filter=e=>{e.preventDefault();let n=this.querySelector("form");if(n){let i=Object.fromEntries([...new FormData(n)].map(([r,l])=>[r,String(l).trim()]));Vt(U(["dead-letters"],i))}}}load(e){let n=this.query.get("after");return pe("/v1/dead-letters",{...Zi(this.query,new Date),order:"newest",limit:mh,after:n},e)}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&(this.many=xr,this.page.restart())}render(){let e=this.page.value,n=Zi(this.query,new Date),i=Xi(n),r=e?.dead_letters.length===0;return c`<div class="head">
        <h1>Dead letters</h1>
        <div class="control">
          ${ke(i?"Redrive these":"Redrive all","again","operate",()=>dn("replay",n,this.again),{off:r?"There is none.":void 0})}
          ${ke(i?"Purge these":"Purge all","trash","admin",()=>dn("purge",n,this.again),{danger:!0,off:r?"There is none.":void 0})}
        </div>
      </div>
      ${this.filters()} ${te(this.page.problem)}
      ${e?r?i?Be("No dead letter matches.",c`<a href="#/dead-letters">Show all dead letters</a>`):Be("There are no dead letters.",c`Deliveries that fail for good appear here with the reason, and can be redriven.`):c`${this.groups(e)} ${this.table(e)}`:this.page.problem?$:Ae()}
      ${this.jobsPanel()}`}filters(){let e=this.channels.value?.channels.map(r=>r.name)??[],n=r=>this.query.get(r)??"",i=(r,l)=>c`<select name=${r} @change=${this.filter}>
        <option value="" ?selected=${n(r)===""}>any</option>
        ${[...new Set([...l,n(r)])].filter(d=>d!=="").map(d=>c`<option value=${d} ?selected=${n(r)===d}>${d}</option>`)}
      </select>`;return c`<form class="filters" role="search" aria-label="Filter dead letters" @submit=${this.filter}>
      <label>Channel ${i("channel",e)}</label>
      <label>Type <input name="type" .value=${n("type")} placeholder="order.*" @change=${this.filter} /></label>
      <label>Class ${i("class",vh)}</label>
      <label>Code <input name="code" .value=${n("code")} placeholder="http_503" @change=${this.filter} /></label>
      <label
        >Since <input name="since" .value=${n("since")} placeholder="1d, or a time" @change=${this.filter}
      /></label>
      <label>Until <input name="until" .value=${n("until")} placeholder="a time" @change=${this.filter} /></label>
      <button>${H("search")}Filter</button>
      ${gh.some(r=>this.query.has(r))?c`<a class="button quiet" href="#/dead-letters">${H("close")}Clear</a>`:$}
    </form>`}groups(e){let n=lo(e.dead_letters),i=e.dead_letters.length,r=Object.fromEntries([...this.query].filter(([l])=>l!=="after"));return c`<section class="panel" aria-labelledby="groups">
      <div class="panel-head">
        <h2 id="groups">By code</h2>
        ${e.next!==null&&e.next!==void 0?c`<span class="faint">of the newest ${Q(i)}</span>`:$}
      </div>
      <ul class="groups">
        ${n.slice(0,12).map(l=>{let d={...Zi(this.query,new Date),channel:l.channel,class:l.class,code:l.code},u=`${l.code} on ${l.channel}`;return c`<li>
            <div class="group">
              <a
                href=${U(["dead-letters"],{...r,channel:l.channel,class:l.class,code:l.code})}
              >
                ${Ze(l.class,l.code)} <span class="faint">on</span> ${_(l.channel,60)}</a
              >
              <b>${Q(l.items.length)}</b>
            </div>
            ${ki(l.items.length/i,"bad")}
            <div class="group">
              <span class="faint">${_(l.items[0]?.error,120)}</span>
              <span class="control">
                ${ke("Redrive","again","operate",()=>dn("replay",d,this.again),{channel:l.channel,label:`Redrive ${u}`})}
                ${ke("Purge","trash","admin",()=>dn("purge",d,this.again),{channel:l.channel,danger:!0,label:`Purge ${u}`})}
              </span>
            </div>
          </li>`})}
      </ul>
    </section>`}table(e){let n=e.dead_letters.slice(0,this.many);return c`${e.incomplete?c`<div class="alarm bad">${H("warning")}<span>A damaged part of the journal hides dead letters.</span></div>`:$}
      <div class="scroll" role="region" aria-label="Dead letters, newest first" tabindex="0">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Given up</th>
              <th scope="col">Event</th>
              <th scope="col">Channel</th>
              <th scope="col">Reason</th>
              <th scope="col" class="number">Attempts</th>
              <th scope="col"><span class="hidden">Actions</span></th>
            </tr>
          </thead>
          <tbody>
            ${n.map(i=>c`<tr>
                  <td data-label="Given up" class="narrow">${He(i.at)}</td>
                  <th scope="row" class="long">
                    <a href=${U(["dead-letters",i.delivery_id])}>${_(i.event_type,80)}</a>
                    <div class="faint">${Y(i.event_id,60)}</div>
                  </th>
                  <td data-label="Channel" class="name">
                    <a href=${U(["channels",i.channel])}>${_(i.channel,60)}</a>
                  </td>
                  <td data-label="Reason" class="text">
                    ${Ze(i.class,i.code)}
                    <div class="faint">${_(i.error,140)}</div>
                  </td>
                  <td data-label="Attempts" class="number">${i.attempts}</td>
                  <td class="actions">
                    ${ke("Redrive","again","operate",()=>dn("replay",{delivery_id:i.delivery_id},this.again),{channel:i.channel,label:`Redrive ${i.event_type} to ${i.channel}`})}
                  </td>
                </tr>`)}
          </tbody>
        </table>
      </div>
      <div class="pager">
        ${e.dead_letters.length>this.many?c`<button
                @click=${()=>{this.many+=xr,this.requestUpdate()}}
              >
                Show ${Math.min(xr,e.dead_letters.length-this.many)} more
              </button>`:e.next===null||e.next===void 0?$:c`<a
                  class="button"
                  href=${U(["dead-letters"],{...Object.fromEntries(this.query),after:e.next})}
                  >Older ${H("right")}</a
                >`}
      </div>`}jobsPanel(){let e=this.jobs.value?.replays??[];return e.length===0?te(this.jobs.problem):c`<section class="panel" aria-labelledby="jobs">
      <div class="panel-head">
        <h2 id="jobs">Jobs</h2>
        <span class="faint">Replays, redrives and purges, newest first</span>
      </div>
      <div class="scroll" role="region" aria-label="Table of jobs" tabindex="0">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">State</th>
              <th scope="col">What</th>
              <th scope="col">Progress</th>
              <th scope="col">Begun</th>
              <th scope="col"><span class="hidden">Actions</span></th>
            </tr>
          </thead>
          <tbody>
            ${e.slice(0,10).map(n=>{let i=n.state==="running"||n.state==="paused",r=n.sent+n.skipped;return c`<tr>
                <th scope="row">${n.kind} ${n.id}</th>
                <td data-label="State">
                  ${Qe(n.state)}${n.error?c`<div class="bad-text">${_(n.error,200)}</div>`:$}
                </td>
                <td data-label="What" class="text">${Y(JSON.stringify(n.request),160)}</td>
                <td data-label="Progress">
                  ${Q(r)} of ${Q(n.matched)}
                  ${n.matched>0?ki(r/n.matched,"accent"):$}
                  <div class="faint">
                    ${n.kind==="purge"?$:c`${Ge(n.delivered,"delivered","delivered")}, ${Q(n.dead)} dead, ${Q(n.pending)} pending`}
                    ${n.skipped>0?c`, ${Q(n.skipped)} skipped`:$}
                  </div>
                </td>
                <td data-label="Begun">${Ue(n.created_at)}</td>
                <td class="actions">
                  ${i?c`${n.state==="running"?ke("Pause","pause","operate",()=>{this.job(n,"pause")},{label:`Pause job ${n.id}`}):ke("Resume","play","operate",()=>{this.job(n,"resume")},{label:`Resume job ${n.id}`})}
                        ${ke("Cancel","close","operate",()=>this.cancel(n),{danger:!0,label:`Cancel job ${n.id}`})}`:$}
                </td>
              </tr>`})}
          </tbody>
        </table>
      </div>
    </section>`}async job(e,n){await ut(`/v1/replays/${Fe(String(e.id))}/${n}`).catch(()=>{}),this.jobs.load()}cancel(e){ht({title:`Cancel job ${e.id}?`,body:"The job ends for good. Deliveries that it has begun continue.",count:async()=>{let n=await pe(`/v1/replays/${Fe(String(e.id))}`),i=Math.max(0,n.matched-n.sent-n.skipped);return{matched:1,sentence:`${Q(i)} of ${Q(n.matched)} remain.`}},action:"Cancel the job",danger:!0,act:async()=>(await ut(`/v1/replays/${Fe(String(e.id))}/cancel`),this.jobs.load(),`Job ${e.id} is cancelled.`)})}};T([me({attribute:!1})],Ti.prototype,"query",2),Ti=T([le("ff-letters")],Ti);var kr=class extends se{constructor(){super(...arguments);this.list=new Z(this,e=>pe("/v1/plugins",{},e),5e3)}render(){let e=this.list.value;return c`<div class="head">
        <h1>Plugins</h1>
        ${ke("Reload","again","admin",()=>this.reload())}
      </div>
      ${te(this.list.problem)}
      ${e?c`${e.plugins.length===0?Be("No plugin is in use.",c`Copy a <code>.wasm</code> file into the plugins folder, or name one that comes with Fanfare in
                      <code>config.toml</code>: <code>plugin = "builtin:webhook"</code>.`):c`<div class="plugins">${e.plugins.map(n=>this.plugin(n))}</div>`}
            ${this.reloads(e)}`:this.list.problem?$:Ae()}`}plugin(e){let n=[...e.channels,...e.stages??[]];return c`<section class="panel plugin">
      <div class="panel-head">
        <h2>${_(e.name,80)}</h2>
        <span class="control">
          ${e.kind?c`<span class="tag">${e.kind}</span>`:$}
          ${e.batches?c`<span class="tag">batches</span>`:$}
          ${e.error?Qe("failed"):e.configure?Qe("unconfigured"):Qe("active")}
        </span>
      </div>
      ${e.error?c`<div class="alarm bad">${_(e.error,1e3)}</div>`:$}
      ${e.configure?c`<p>Add this to <code>config.toml</code>:</p>
              <pre class="command" tabindex="0">${e.configure}</pre>`:$}
      <dl class="facts">
        ${e.file?c`<div>
                <dt>file</dt>
                <dd>${Y(e.file,300)}</dd>
              </div>`:$}
        <div>
          <dt>digest</dt>
          <dd title=${e.digest}>
            ${Y(ci(e.digest))}${e.size?c` <span class="faint">${An(e.size)}</span>`:$}
          </dd>
        </div>
        <div>
          <dt>used by</dt>
          <dd>
            ${n.length===0?c`<span class="faint">nothing</span>`:$}
            ${e.channels.map(i=>c`<a class="chip" href=${U(["channels",i])}>${_(i,60)}</a> `)}
            ${(e.stages??[]).map(i=>c`<a class="chip" href="#/channels">stage ${_(i,60)}</a> `)}
          </dd>
        </div>
        <div>
          <dt>may need</dt>
          <dd>
            ${(e.wants??[]).length===0?c`<span class="faint">none</span>`:(e.wants??[]).map(i=>c`<div><code>${i.grant}</code> <span class="faint">${i.why}</span></div>`)}
          </dd>
        </div>
      </dl>
      <details>
        <summary>
          ${Ge(e.imports?.length??0,"import")}, ${Ge(e.exports?.length??0,"export")}
        </summary>
        <div class="columns">
          <div>
            <h3>Imports</h3>
            ${sd(e.imports)}
          </div>
          <div>
            <h3>Exports</h3>
            ${sd(e.exports)}
          </div>
        </div>
      </details>
    </section>`}reloads(e){return c`<section class="panel" aria-labelledby="reloads">
      <div class="panel-head">
        <h2 id="reloads">Reloads</h2>
        <span class="faint">since the start, newest first</span>
      </div>
      ${e.reloads.length===0?c`<p class="faint">No reload has changed anything yet.</p>`:c`<ul class="lines">
              ${e.reloads.map(n=>c`<li>
                    <span class="when">${He(n.at)}</span>
                    <span class="what">
                      ${Qe(n.outcome)}
                      ${n.changes.map(i=>c`<span class="detail">${_(i,400)}</span>`)}
                      ${n.errors.map(i=>c`<span class="detail bad-text">${_(i,600)}</span>`)}
                      ${n.changes.length+n.errors.length===0?c`<span class="detail">the errors are resolved</span>`:$}
                    </span>
                  </li>`)}
            </ul>`}
    </section>`}reload(){ht({title:"Reload now?",body:"The daemon rereads the configuration and the plugins. If something is wrong, the running version stays.",action:"Reload",act:async()=>{let e=await ut("/v1/reload",void 0).finally(()=>{this.list.load()});return e.changes.length===0?"Nothing has changed.":c`${e.changes.map(n=>c`<div>${_(n,200)}</div>`)}`}})}};kr=T([le("ff-plugins")],kr);function sd(t){return c`<ul class="names">
    ${(t??[]).slice(0,200).map(s=>c`<li>${Y(s,200)}</li>`)}
  </ul>`}var ls=class extends se{constructor(){super(...arguments);this.subject="";this.text="{}";this.shown=new Z(this,async e=>{let{value:n,text:i}=await ct("GET",this.path,void 0,e);return this.text=i,n})}get path(){return`/v1/recipients/${Fe(this.subject)}`}willUpdate(e){e.has("subject")&&e.get("subject")&&(this.draft=void 0,this.shown.restart())}render(){let e=this.shown.value;if(!e)return c`<h1>Recipient</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}
                <p><a href="#/recipients">All recipients</a></p>`:Ae()}`;let n=e.changed_at!==void 0;return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/recipients">Recipients</a></p>
          <h1>${_(e.subject,120)}</h1>
        </div>
        <div class="control">
          ${this.draft===void 0?ke("Edit","config","admin",()=>this.edit(e)):$}
          ${n?ke("Remove","trash","admin",()=>this.unset(),{danger:!0}):$}
        </div>
      </div>
      <p class="faint">
        ${n?c`Set through the API, ${He(e.changed_at)}. It overrides the file.`:"From a file of the configuration."}
      </p>
      ${this.draft===void 0?c`<section class="panel"><ff-payload .text=${this.text} label="The recipient"></ff-payload></section>`:c`<section class="panel">
              <label class="field"
                >The recipient as JSON. It replaces the current one.
                <textarea
                  rows="16"
                  spellcheck="false"
                  .value=${this.draft}
                  @input=${i=>this.draft=i.target.value}
                ></textarea>
              </label>
              ${te(this.wrong)}
              <div class="buttons">
                <button @click=${()=>this.draft=void 0}>Cancel</button>
                <button class="primary" ?disabled=${Ki("admin")!==void 0} @click=${()=>{this.save()}}>
                  Save
                </button>
              </div>
            </section>`}`}edit(e){let{subject:n,source:i,changed_at:r,...l}=e;this.wrong=void 0,this.draft=JSON.stringify(l,null,2)}async save(){try{await ct("PUT",this.path,JSON.parse(this.draft??"{}")),this.draft=void 0,this.wrong=void 0,await this.shown.load(),pa("The recipient is saved.")}catch(e){this.wrong=e instanceof SyntaxError?Pt(`It is not JSON: ${e.message}`):Pt(e)}}unset(){ht({title:"Remove this recipient?",body:"If a file of the configuration has this recipient, that entry applies again.",phrase:"remove",action:"Remove",danger:!0,act:async()=>(await ct("DELETE",this.path),Vt("#/recipients"),"The recipient is removed.")})}};T([me()],ls.prototype,"subject",2),T([Ee()],ls.prototype,"draft",2),T([Ee()],ls.prototype,"wrong",2),ls=T([le("ff-recipient")],ls);var Ei=class extends se{constructor(){super(...arguments);this.query=new URLSearchParams;this.list=new Z(this,e=>pe("/v1/recipients",{prefix:this.query.get("prefix"),after:this.query.get("after"),limit:100},e));this.filter=e=>{e.preventDefault(),Vt(U(["recipients"],{prefix:this.querySelector("input")?.value.trim()}))}}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&this.list.restart()}render(){let e=this.list.value;return c`<div class="head"><h1>Recipients</h1></div>
      <form class="filters" role="search" aria-label="Find recipients" @submit=${this.filter}>
        <label
          >Subject begins with <input name="prefix" .value=${this.query.get("prefix")??""} placeholder="usr_"
        /></label>
        <button>${H("search")}Find</button>
        ${this.query.has("prefix")?c`<a class="button quiet" href="#/recipients">${H("close")}Clear</a>`:$}
      </form>
      ${te(this.list.problem)}
      ${e?e.recipients.length===0?this.query.has("prefix")?Be("No recipient matches.",c`<a href="#/recipients">Show all recipients</a>`):Be("There are no recipients.",c`An event's <code>subject</code> names its recipient, with addresses and preferences. Configure a
                    file with <code>[recipients]</code> in <code>config.toml</code>, or set one here:
                    <pre class="command" tabindex="0">
curl -X PUT ${location.origin}/v1/recipients/usr_1 -H 'content-type: application/json' \\
  -d '{"email": "ada@example.com", "locale": "de"}'</pre>`):c`<div class="scroll" role="region" aria-label="Recipients" tabindex="0">
                  <table class="cards">
                    <thead>
                      <tr>
                        <th scope="col">Subject</th>
                        <th scope="col">Email</th>
                        <th scope="col">Phone</th>
                        <th scope="col">Locale</th>
                        <th scope="col">Quiet hours</th>
                        <th scope="col">From</th>
                      </tr>
                    </thead>
                    <tbody>
                      ${e.recipients.map(n=>c`<tr>
                            <th scope="row">
                              <a href=${U(["recipients",n.subject])}>${_(n.subject,80)}</a>
                            </th>
                            <td data-label="Email">
                              ${n.email?_(n.email,80):c`<span class="faint">–</span>`}
                            </td>
                            <td data-label="Phone">
                              ${n.phone?_(n.phone,40):c`<span class="faint">–</span>`}
                            </td>
                            <td data-label="Locale">
                              ${n.locale?_(n.locale,20):c`<span class="faint">–</span>`}
                            </td>
                            <td data-label="Quiet hours">${bh(n.quiet)}</td>
                            <td data-label="From">
                              ${n.source}${n.changed_at?c` <span class="faint">${Ue(n.changed_at)}</span>`:$}
                            </td>
                          </tr>`)}
                    </tbody>
                  </table>
                </div>
                ${e.next?c`<div class="pager">
                        <a
                          class="button"
                          href=${U(["recipients"],{prefix:this.query.get("prefix"),after:e.next})}
                          >More ${H("right")}</a
                        >
                      </div>`:$}`:this.list.problem?$:Ae()}`}};T([me({attribute:!1})],Ei.prototype,"query",2),Ei=T([le("ff-recipients")],Ei);function bh(t){if(!t)return c`<span class="faint">the channel's</span>`;if(t==="none")return"none";let s=Array.isArray(t)?t:[t];return _(s.map(e=>`${e.from}–${e.to} ${e.zone}`).join("; "),100)}var Ai=class extends se{constructor(){super(...arguments);this.type="";this.example="";this.shown=new Z(this,async e=>{let{value:n,text:i}=await ct("GET",`/v1/schemas/${Fe(this.type)}`,void 0,e);return this.example=Rn(i,"example")??"",n})}willUpdate(e){e.has("type")&&e.get("type")&&this.shown.restart()}render(){let e=this.shown.value;return e?c`<div class="head">
        <div>
          <p class="crumb"><a href="#/schemas">Schemas</a></p>
          <h1>${_(e.type,120)}</h1>
        </div>
        <a class="button" href=${U(["events"],{type:e.type})}>${Q(e.events)} events</a>
      </div>
      <p class="faint">The newest arrived ${Ue(e.last_seen)}.</p>
      <div class="columns">
        <section class="panel" aria-labelledby="example">
          <div class="panel-head"><h2 id="example">The newest event</h2></div>
          ${this.example?c`<ff-payload .text=${this.example} label="The newest event"></ff-payload>`:c`<p class="faint">The event is no longer in the journal.</p>`}
        </section>
        <div>
          ${e.definitions.length===0?c`<section class="panel">
                  <h2>No schema</h2>
                  <p class="faint">Events of this type are accepted whatever their data.</p>
                </section>`:e.definitions.map(n=>c`<section class="panel">
                      <div class="panel-head">
                        <h2>${Y(n.name)}</h2>
                        <span class="tag">${n.mode}</span>
                      </div>
                      <p class="faint">
                        ${Y(n.file,200)}, ${Q(n.mismatches)} mismatches since the start
                      </p>
                      <ff-payload
                        .text=${JSON.stringify(n.schema??null)}
                        label=${`Schema ${n.name}`}
                      ></ff-payload>
                    </section>`)}
        </div>
      </div>`:c`<h1>Type</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}
                <p><a href="#/schemas">All types</a></p>`:Ae()}`}};T([me()],Ai.prototype,"type",2),Ai=T([le("ff-schema")],Ai);var Pi=class extends se{constructor(){super(...arguments);this.query=new URLSearchParams;this.list=new Z(this,e=>pe("/v1/schemas",{type:this.query.get("type"),after:this.query.get("after"),examples:"false",limit:100},e),1e4);this.filter=e=>{e.preventDefault(),Vt(U(["schemas"],{type:this.querySelector("input")?.value.trim()}))}}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&this.list.restart()}render(){let e=this.list.value;return c`<div class="head"><h1>Schemas</h1></div>
      <form class="filters" role="search" aria-label="Filter types" @submit=${this.filter}>
        <label>Type <input name="type" .value=${this.query.get("type")??""} placeholder="order.*" /></label>
        <button>${H("search")}Filter</button>
        ${this.query.has("type")?c`<a class="button quiet" href="#/schemas">${H("close")}Clear</a>`:$}
      </form>
      ${te(this.list.problem)}
      ${e?c`${this.types(e)} ${this.schemas(e)}`:this.list.problem?$:Ae()}`}types(e){return c`<section class="panel" aria-labelledby="types">
      <div class="panel-head">
        <h2 id="types">Types of events</h2>
        ${e.counted.others>0?c`<span class="faint">${Q(e.counted.others)} events are of types beyond the limit that is counted</span>`:$}
      </div>
      ${e.types.length===0?this.query.has("type")?Be("No type matches.",c`<a href="#/schemas">Show all types</a>`):Be("No event has arrived yet.","Each type of event appears here with its count, its newest event and its schema."):c`<div class="scroll" role="region" aria-label="Table of types" tabindex="0">
              <table class="cards">
                <thead>
                  <tr>
                    <th scope="col">Type</th>
                    <th scope="col" class="number">Events</th>
                    <th scope="col">Newest</th>
                    <th scope="col">Schemas</th>
                  </tr>
                </thead>
                <tbody>
                  ${e.types.map(n=>c`<tr>
                        <th scope="row"><a href=${U(["schemas",n.type])}>${_(n.type,120)}</a></th>
                        <td data-label="Events" class="number">
                          <a href=${U(["events"],{type:n.type})}>${Q(n.events)}</a>
                        </td>
                        <td data-label="Newest">${Ue(n.last_seen)}</td>
                        <td data-label="Schemas">
                          ${n.schemas.length===0?c`<span class="faint">none</span>`:n.schemas.map(i=>c`<span class="pair">${Y(i)}</span> `)}
                        </td>
                      </tr>`)}
                </tbody>
              </table>
            </div>`}
      ${e.next?c`<div class="pager"><a class="button" href=${U(["schemas"],{type:this.query.get("type"),after:e.next})}>More ${H("right")}</a></div>`:$}
    </section>`}schemas(e){return c`<section class="panel" aria-labelledby="in-force">
      <div class="panel-head"><h2 id="in-force">Schemas in force</h2></div>
      ${e.schemas.length===0?c`<p class="faint">
              None: every event is accepted. <code>[schemas."user.signup"]</code> in <code>config.toml</code> names a
              JSON Schema for a type.
            </p>`:c`<div class="scroll" role="region" aria-label="Table of schemas" tabindex="0">
              <table class="cards">
                <thead>
                  <tr>
                    <th scope="col">Schema</th>
                    <th scope="col">On mismatch</th>
                    <th scope="col">File</th>
                    <th scope="col" class="number">Mismatches</th>
                  </tr>
                </thead>
                <tbody>
                  ${e.schemas.map(n=>c`<tr>
                        <th scope="row">
                          ${Y(n.name)}${n.dataschema?c`<div class="faint">${Y(n.dataschema)}</div>`:$}
                        </th>
                        <td data-label="On mismatch">${n.mode==="warn"?"accept, and count":"reject"}</td>
                        <td data-label="File">${Y(n.file,200)}</td>
                        <td data-label="Mismatches" class="number">
                          ${n.mismatches>0?c`<span class="bad-text">${Q(n.mismatches)}</span>`:"0"}
                        </td>
                      </tr>`)}
                </tbody>
              </table>
            </div>`}
    </section>`}};T([me({attribute:!1})],Pi.prototype,"query",2),Pi=T([le("ff-schemas")],Pi);var Fs=class extends se{constructor(){super(...arguments);this.busy=!1;this.submit=async e=>{e.preventDefault();let n=this.querySelector("input");if(!(!n||this.busy)){this.busy=!0,this.problem=void 0;try{await Zl(n.value.trim())}catch(i){this.problem=Pt(i),n.select()}this.busy=!1}}}firstUpdated(){this.querySelector("input")?.focus()}render(){return c`<main class="sign-in" id="content">
      <form @submit=${this.submit}>
        <p class="wordmark"><img src="/dashboard.svg" alt="" width="36" height="36" />Fanfare</p>
        <h1>Sign in</h1>
        <label class="field"
          >Access token
          <input type="password" name="token" autocomplete="current-password" required spellcheck="false" />
        </label>
        ${te(this.problem)}
        <button class="primary" ?disabled=${this.busy}>${this.busy?"Signing in …":"Sign in"}</button>
        <p class="faint">
          Tokens are set in the daemon’s configuration. The browser keeps only a session cookie that scripts cannot
          read.
        </p>
      </form>
    </main>`}};T([Ee()],Fs.prototype,"busy",2),T([Ee()],Fs.prototype,"problem",2),Fs=T([le("ff-sign-in")],Fs);var $h=5e3,id=[{page:"overview",name:"Overview",icon:"overview"},{page:"events",name:"Events",icon:"events"},{page:"channels",name:"Channels",icon:"channels"},{page:"dead-letters",name:"Dead letters",icon:"letters"},{page:"plugins",name:"Plugins",icon:"plugins"},{page:"schemas",name:"Schemas",icon:"schemas"},{page:"recipients",name:"Recipients",icon:"recipients"},{page:"config",name:"Config",icon:"config"}],yh=new Map(id.map(({page:t,name:s})=>[t,s])),Us=class extends se{constructor(){super(...arguments);this.route=ia(location.hash);this.open=!1;this.session=new on(this,cn);this.theme=new on(this,Zn);this.live=new on(this,Ct);this.reached=new on(this,Bi);this.notices=new on(this,Cs);this.moved=async()=>{if(!location.hash.startsWith("#/")&&location.hash!=="")return;let e=this.route;this.route=ia(location.hash),this.open=!1,this.name(),await this.updateComplete,(e.page!==this.route.page||e.rest.join("/")!==this.route.rest.join("/"))&&(window.scrollTo(0,0),this.querySelector("#content")?.focus({preventScroll:!0}))}}connectedCallback(){super.connectedCallback(),addEventListener("hashchange",this.moved),this.name(),ca()}disconnectedCallback(){super.disconnectedCallback(),removeEventListener("hashchange",this.moved)}name(){let[e]=this.route.rest,n=yh.get(this.route.page)??"Not found";document.title=`${e?`${be(e,60)} · `:""}${n} · Fanfare`}render(){let e=this.session.value;return e.state==="out"?c`<ff-sign-in></ff-sign-in>`:c`<a class="skip" href="#content" @click=${this.skip}>Skip to the content</a>
      <div class="side">
        <header class="top">
          <a class="wordmark" href="#/"><img src="/dashboard.svg" alt="" width="26" height="26" />Fanfare</a>
          <button
            class="quiet menu"
            aria-expanded=${this.open}
            aria-controls="navigation"
            @click=${()=>this.open=!this.open}
          >
            ${H(this.open?"close":"menu")}<span class="hidden">Menu</span>
          </button>
          <nav id="navigation" aria-label="Pages" class=${this.open?"open":""}>
            ${e.state==="in"?c`<ff-navigation .page=${this.route.page}></ff-navigation>`:$}
            <div class="foot">${this.connection()} ${this.themes()} ${this.who()}</div>
          </nav>
        </header>
      </div>
      <main id="content" tabindex="-1">
        ${e.state==="failed"?te(e.problem):$} ${e.state==="in"?this.page():$}
      </main>
      ${io(this.notices.value)}
      <ff-dialog></ff-dialog>`}page(){let{page:e,rest:n,query:i}=this.route,[r]=n;switch(e){case"overview":return c`<ff-overview></ff-overview>`;case"events":return r?c`<ff-event .event=${r} .source=${i.get("source")??""}></ff-event>`:c`<ff-events .query=${i}></ff-events>`;case"channels":return r?c`<ff-channel .channel=${r}></ff-channel>`:c`<ff-channels></ff-channels>`;case"dead-letters":return r?c`<ff-letter .delivery=${r}></ff-letter>`:c`<ff-letters .query=${i}></ff-letters>`;case"plugins":return c`<ff-plugins></ff-plugins>`;case"schemas":return r?c`<ff-schema .type=${r}></ff-schema>`:c`<ff-schemas .query=${i}></ff-schemas>`;case"recipients":return r?c`<ff-recipient .subject=${r}></ff-recipient>`:c`<ff-recipients .query=${i}></ff-recipients>`;case"config":return c`<ff-config></ff-config>`;default:return c`<h1>Page not found</h1>
          <p><a href="#/">Go to the overview</a>.</p>`}}connection(){let e={idle:["ok","Up to date"],connecting:["wait","Connecting …"],open:["ok","Live"],broken:["bad","Stream lost"]},[n,i]=this.reached.value?e[this.live.value.state]:["bad","Not reachable"];return c`<span class="connection ${n}" role="status"><span class="dot"></span>${i}</span>`}themes(){return c`<div class="themes" role="group" aria-label="Colours">
      ${[["system","system","System colours"],["light","sun","Light"],["dark","moon","Dark"]].map(([n,i,r])=>c`<button
            class="quiet"
            title=${r}
            aria-label=${r}
            aria-pressed=${this.theme.value===n}
            @click=${()=>eo(n)}
          >
            ${H(i)}
          </button>`)}
    </div>`}who(){let e=this.session.value;return e.state==="in"&&e.who.required?c`<div class="who">
          <span title=${`Scopes: ${e.who.scopes.join(", ")}`}>${be(e.who.name??"",40)}</span>
          <button class="quiet" @click=${()=>{Xl()}}>${H("out")}Sign out</button>
        </div>`:$}skip(e){e.preventDefault(),this.querySelector("#content")?.focus()}};T([Ee()],Us.prototype,"route",2),T([Ee()],Us.prototype,"open",2),Us=T([le("ff-app")],Us);var Mi=class extends se{constructor(){super(...arguments);this.stats=new Z(this,e=>pe("/v1/stats",{},e),$h)}render(){let n=Object.values(this.stats.value?.channels??{}).reduce((l,d)=>l+d.dead_letters,0),i=this.stats.value?.last_reload?.outcome==="rejected",r={"dead-letters":n>0?c`<span class="badge bad">${Q(n)}<span class="hidden"> dead letters</span></span>`:$,config:i?c`<span class="badge bad">!<span class="hidden"> the last reload was rejected</span></span>`:$};return c`<ul>
      ${id.map(({page:l,name:d,icon:u})=>c`<li>
            <a href=${U(l==="overview"?[]:[l])} aria-current=${l===this.page?"page":"false"}>
              ${H(u)}<span>${d}</span>${r[l]??$}
            </a>
          </li>`)}
    </ul>`}};Mi.properties={page:{}},Mi=T([le("ff-navigation")],Mi);export{Us as App,Mi as Navigation};
/*
This file contains:

lit 3.3.3 (BSD-3-Clause)

BSD 3-Clause License

Copyright (c) 2017 Google LLC. All rights reserved.

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this
   list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice,
   this list of conditions and the following disclaimer in the documentation
   and/or other materials provided with the distribution.

3. Neither the name of the copyright holder nor the names of its
   contributors may be used to endorse or promote products derived from
   this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

uplot 1.6.32 (MIT)

The MIT License (MIT)

Copyright (c) 2022 Leon Sorokin

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.
*/
