var Ld=Object.defineProperty;var Nd=Object.getOwnPropertyDescriptor;var T=(t,s,e,n)=>{for(var i=n>1?void 0:n?Nd(s,e):s,r=t.length-1,o;r>=0;r--)(o=t[r])&&(i=(n?o(s,e,i):o(i))||i);return n&&i&&Ld(s,e,i),i};var Vi=globalThis,Fi=Vi.ShadowRoot&&(Vi.ShadyCSS===void 0||Vi.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype,Mo=Symbol(),Ao=new WeakMap,Ii=class{constructor(s,e,n){if(this._$cssResult$=!0,n!==Mo)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=s,this.t=e}get styleSheet(){let s=this.o,e=this.t;if(Fi&&s===void 0){let n=e!==void 0&&e.length===1;n&&(s=Ao.get(e)),s===void 0&&((this.o=s=new CSSStyleSheet).replaceSync(this.cssText),n&&Ao.set(e,s))}return s}toString(){return this.cssText}},Po=t=>new Ii(typeof t=="string"?t:t+"",void 0,Mo);var Co=(t,s)=>{if(Fi)t.adoptedStyleSheets=s.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let e of s){let n=document.createElement("style"),i=Vi.litNonce;i!==void 0&&n.setAttribute("nonce",i),n.textContent=e.cssText,t.appendChild(n)}},Br=Fi?t=>t:t=>t instanceof CSSStyleSheet?(s=>{let e="";for(let n of s.cssRules)e+=n.cssText;return Po(e)})(t):t;var{is:Od,defineProperty:qd,getOwnPropertyDescriptor:zd,getOwnPropertyNames:Hd,getOwnPropertySymbols:jd,getPrototypeOf:Vd}=Object,Wi=globalThis,Ro=Wi.trustedTypes,Id=Ro?Ro.emptyScript:"",Fd=Wi.reactiveElementPolyfillSupport,Xs=(t,s)=>t,ei={toAttribute(t,s){switch(s){case Boolean:t=t?Id:null;break;case Object:case Array:t=t==null?t:JSON.stringify(t)}return t},fromAttribute(t,s){let e=t;switch(s){case Boolean:e=t!==null;break;case Number:e=t===null?null:Number(t);break;case Object:case Array:try{e=JSON.parse(t)}catch{e=null}}return e}},Ui=(t,s)=>!Od(t,s),Do={attribute:!0,type:String,converter:ei,reflect:!1,useDefault:!1,hasChanged:Ui};Symbol.metadata??=Symbol("metadata"),Wi.litPropertyMetadata??=new WeakMap;var mn=class extends HTMLElement{static addInitializer(s){this._$Ei(),(this.l??=[]).push(s)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(s,e=Do){if(e.state&&(e.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(s)&&((e=Object.create(e)).wrapped=!0),this.elementProperties.set(s,e),!e.noAccessor){let n=Symbol(),i=this.getPropertyDescriptor(s,n,e);i!==void 0&&qd(this.prototype,s,i)}}static getPropertyDescriptor(s,e,n){let{get:i,set:r}=zd(this.prototype,s)??{get(){return this[e]},set(o){this[e]=o}};return{get:i,set(o){let u=i?.call(this);r?.call(this,o),this.requestUpdate(s,u,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(s){return this.elementProperties.get(s)??Do}static _$Ei(){if(this.hasOwnProperty(Xs("elementProperties")))return;let s=Vd(this);s.finalize(),s.l!==void 0&&(this.l=[...s.l]),this.elementProperties=new Map(s.elementProperties)}static finalize(){if(this.hasOwnProperty(Xs("finalized")))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(Xs("properties"))){let e=this.properties,n=[...Hd(e),...jd(e)];for(let i of n)this.createProperty(i,e[i])}let s=this[Symbol.metadata];if(s!==null){let e=litPropertyMetadata.get(s);if(e!==void 0)for(let[n,i]of e)this.elementProperties.set(n,i)}this._$Eh=new Map;for(let[e,n]of this.elementProperties){let i=this._$Eu(e,n);i!==void 0&&this._$Eh.set(i,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(s){let e=[];if(Array.isArray(s)){let n=new Set(s.flat(1/0).reverse());for(let i of n)e.unshift(Br(i))}else s!==void 0&&e.push(Br(s));return e}static _$Eu(s,e){let n=e.attribute;return n===!1?void 0:typeof n=="string"?n:typeof s=="string"?s.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(s=>this.enableUpdating=s),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(s=>s(this))}addController(s){(this._$EO??=new Set).add(s),this.renderRoot!==void 0&&this.isConnected&&s.hostConnected?.()}removeController(s){this._$EO?.delete(s)}_$E_(){let s=new Map,e=this.constructor.elementProperties;for(let n of e.keys())this.hasOwnProperty(n)&&(s.set(n,this[n]),delete this[n]);s.size>0&&(this._$Ep=s)}createRenderRoot(){let s=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return Co(s,this.constructor.elementStyles),s}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(s=>s.hostConnected?.())}enableUpdating(s){}disconnectedCallback(){this._$EO?.forEach(s=>s.hostDisconnected?.())}attributeChangedCallback(s,e,n){this._$AK(s,n)}_$ET(s,e){let n=this.constructor.elementProperties.get(s),i=this.constructor._$Eu(s,n);if(i!==void 0&&n.reflect===!0){let r=(n.converter?.toAttribute!==void 0?n.converter:ei).toAttribute(e,n.type);this._$Em=s,r==null?this.removeAttribute(i):this.setAttribute(i,r),this._$Em=null}}_$AK(s,e){let n=this.constructor,i=n._$Eh.get(s);if(i!==void 0&&this._$Em!==i){let r=n.getPropertyOptions(i),o=typeof r.converter=="function"?{fromAttribute:r.converter}:r.converter?.fromAttribute!==void 0?r.converter:ei;this._$Em=i;let u=o.fromAttribute(e,r.type);this[i]=u??this._$Ej?.get(i)??u,this._$Em=null}}requestUpdate(s,e,n,i=!1,r){if(s!==void 0){let o=this.constructor;if(i===!1&&(r=this[s]),n??=o.getPropertyOptions(s),!((n.hasChanged??Ui)(r,e)||n.useDefault&&n.reflect&&r===this._$Ej?.get(s)&&!this.hasAttribute(o._$Eu(s,n))))return;this.C(s,e,n)}this.isUpdatePending===!1&&(this._$ES=this._$EP())}C(s,e,{useDefault:n,reflect:i,wrapped:r},o){n&&!(this._$Ej??=new Map).has(s)&&(this._$Ej.set(s,o??e??this[s]),r!==!0||o!==void 0)||(this._$AL.has(s)||(this.hasUpdated||n||(e=void 0),this._$AL.set(s,e)),i===!0&&this._$Em!==s&&(this._$Eq??=new Set).add(s))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let s=this.scheduleUpdate();return s!=null&&await s,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[i,r]of this._$Ep)this[i]=r;this._$Ep=void 0}let n=this.constructor.elementProperties;if(n.size>0)for(let[i,r]of n){let{wrapped:o}=r,u=this[i];o!==!0||this._$AL.has(i)||u===void 0||this.C(i,void 0,r,u)}}let s=!1,e=this._$AL;try{s=this.shouldUpdate(e),s?(this.willUpdate(e),this._$EO?.forEach(n=>n.hostUpdate?.()),this.update(e)):this._$EM()}catch(n){throw s=!1,this._$EM(),n}s&&this._$AE(e)}willUpdate(s){}_$AE(s){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(s)),this.updated(s)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(s){return!0}update(s){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(s){}firstUpdated(s){}};mn.elementStyles=[],mn.shadowRootOptions={mode:"open"},mn[Xs("elementProperties")]=new Map,mn[Xs("finalized")]=new Map,Fd?.({ReactiveElement:mn}),(Wi.reactiveElementVersions??=[]).push("2.1.2");var Xr=globalThis,Lo=t=>t,Bi=Xr.trustedTypes,No=Bi?Bi.createPolicy("lit-html",{createHTML:t=>t}):void 0,Vo="$lit$",Tn=`lit$${Math.random().toFixed(9).slice(2)}$`,Io="?"+Tn,Wd=`<${Io}>`,Gn=document,ni=()=>Gn.createComment(""),si=t=>t===null||typeof t!="object"&&typeof t!="function",ea=Array.isArray,Ud=t=>ea(t)||typeof t?.[Symbol.iterator]=="function",Gr=`[ 	
\f\r]`,ti=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Oo=/-->/g,qo=/>/g,Un=RegExp(`>|${Gr}(?:([^\\s"'>=/]+)(${Gr}*=${Gr}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),zo=/'/g,Ho=/"/g,Fo=/^(?:script|style|textarea|title)$/i,ta=t=>(s,...e)=>({_$litType$:t,strings:s,values:e}),c=ta(1),ae=ta(2),Ah=ta(3),Yn=Symbol.for("lit-noChange"),$=Symbol.for("lit-nothing"),jo=new WeakMap,Bn=Gn.createTreeWalker(Gn,129);function Wo(t,s){if(!ea(t)||!t.hasOwnProperty("raw"))throw Error("invalid template strings array");return No!==void 0?No.createHTML(s):s}var Bd=(t,s)=>{let e=t.length-1,n=[],i,r=s===2?"<svg>":s===3?"<math>":"",o=ti;for(let u=0;u<e;u++){let p=t[u],f,v,g=-1,y=0;for(;y<p.length&&(o.lastIndex=y,v=o.exec(p),v!==null);)y=o.lastIndex,o===ti?v[1]==="!--"?o=Oo:v[1]!==void 0?o=qo:v[2]!==void 0?(Fo.test(v[2])&&(i=RegExp("</"+v[2],"g")),o=Un):v[3]!==void 0&&(o=Un):o===Un?v[0]===">"?(o=i??ti,g=-1):v[1]===void 0?g=-2:(g=o.lastIndex-v[2].length,f=v[1],o=v[3]===void 0?Un:v[3]==='"'?Ho:zo):o===Ho||o===zo?o=Un:o===Oo||o===qo?o=ti:(o=Un,i=void 0);let M=o===Un&&t[u+1].startsWith("/>")?" ":"";r+=o===ti?p+Wd:g>=0?(n.push(f),p.slice(0,g)+Vo+p.slice(g)+Tn+M):p+Tn+(g===-2?u:M)}return[Wo(t,r+(t[e]||"<?>")+(s===2?"</svg>":s===3?"</math>":"")),n]},ii=class t{constructor({strings:s,_$litType$:e},n){let i;this.parts=[];let r=0,o=0,u=s.length-1,p=this.parts,[f,v]=Bd(s,e);if(this.el=t.createElement(f,n),Bn.currentNode=this.el.content,e===2||e===3){let g=this.el.content.firstChild;g.replaceWith(...g.childNodes)}for(;(i=Bn.nextNode())!==null&&p.length<u;){if(i.nodeType===1){if(i.hasAttributes())for(let g of i.getAttributeNames())if(g.endsWith(Vo)){let y=v[o++],M=i.getAttribute(g).split(Tn),C=/([.?@])?(.*)/.exec(y);p.push({type:1,index:r,name:C[2],strings:M,ctor:C[1]==="."?Jr:C[1]==="?"?Kr:C[1]==="@"?Qr:As}),i.removeAttribute(g)}else g.startsWith(Tn)&&(p.push({type:6,index:r}),i.removeAttribute(g));if(Fo.test(i.tagName)){let g=i.textContent.split(Tn),y=g.length-1;if(y>0){i.textContent=Bi?Bi.emptyScript:"";for(let M=0;M<y;M++)i.append(g[M],ni()),Bn.nextNode(),p.push({type:2,index:++r});i.append(g[y],ni())}}}else if(i.nodeType===8)if(i.data===Io)p.push({type:2,index:r});else{let g=-1;for(;(g=i.data.indexOf(Tn,g+1))!==-1;)p.push({type:7,index:r}),g+=Tn.length-1}r++}}static createElement(s,e){let n=Gn.createElement("template");return n.innerHTML=s,n}};function Es(t,s,e=t,n){if(s===Yn)return s;let i=n!==void 0?e._$Co?.[n]:e._$Cl,r=si(s)?void 0:s._$litDirective$;return i?.constructor!==r&&(i?._$AO?.(!1),r===void 0?i=void 0:(i=new r(t),i._$AT(t,e,n)),n!==void 0?(e._$Co??=[])[n]=i:e._$Cl=i),i!==void 0&&(s=Es(t,i._$AS(t,s.values),i,n)),s}var Yr=class{constructor(s,e){this._$AV=[],this._$AN=void 0,this._$AD=s,this._$AM=e}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(s){let{el:{content:e},parts:n}=this._$AD,i=(s?.creationScope??Gn).importNode(e,!0);Bn.currentNode=i;let r=Bn.nextNode(),o=0,u=0,p=n[0];for(;p!==void 0;){if(o===p.index){let f;p.type===2?f=new ri(r,r.nextSibling,this,s):p.type===1?f=new p.ctor(r,p.name,p.strings,this,s):p.type===6&&(f=new Zr(r,this,s)),this._$AV.push(f),p=n[++u]}o!==p?.index&&(r=Bn.nextNode(),o++)}return Bn.currentNode=Gn,i}p(s){let e=0;for(let n of this._$AV)n!==void 0&&(n.strings!==void 0?(n._$AI(s,n,e),e+=n.strings.length-2):n._$AI(s[e])),e++}},ri=class t{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(s,e,n,i){this.type=2,this._$AH=$,this._$AN=void 0,this._$AA=s,this._$AB=e,this._$AM=n,this.options=i,this._$Cv=i?.isConnected??!0}get parentNode(){let s=this._$AA.parentNode,e=this._$AM;return e!==void 0&&s?.nodeType===11&&(s=e.parentNode),s}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(s,e=this){s=Es(this,s,e),si(s)?s===$||s==null||s===""?(this._$AH!==$&&this._$AR(),this._$AH=$):s!==this._$AH&&s!==Yn&&this._(s):s._$litType$!==void 0?this.$(s):s.nodeType!==void 0?this.T(s):Ud(s)?this.k(s):this._(s)}O(s){return this._$AA.parentNode.insertBefore(s,this._$AB)}T(s){this._$AH!==s&&(this._$AR(),this._$AH=this.O(s))}_(s){this._$AH!==$&&si(this._$AH)?this._$AA.nextSibling.data=s:this.T(Gn.createTextNode(s)),this._$AH=s}$(s){let{values:e,_$litType$:n}=s,i=typeof n=="number"?this._$AC(s):(n.el===void 0&&(n.el=ii.createElement(Wo(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===i)this._$AH.p(e);else{let r=new Yr(i,this),o=r.u(this.options);r.p(e),this.T(o),this._$AH=r}}_$AC(s){let e=jo.get(s.strings);return e===void 0&&jo.set(s.strings,e=new ii(s)),e}k(s){ea(this._$AH)||(this._$AH=[],this._$AR());let e=this._$AH,n,i=0;for(let r of s)i===e.length?e.push(n=new t(this.O(ni()),this.O(ni()),this,this.options)):n=e[i],n._$AI(r),i++;i<e.length&&(this._$AR(n&&n._$AB.nextSibling,i),e.length=i)}_$AR(s=this._$AA.nextSibling,e){for(this._$AP?.(!1,!0,e);s!==this._$AB;){let n=Lo(s).nextSibling;Lo(s).remove(),s=n}}setConnected(s){this._$AM===void 0&&(this._$Cv=s,this._$AP?.(s))}},As=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(s,e,n,i,r){this.type=1,this._$AH=$,this._$AN=void 0,this.element=s,this.name=e,this._$AM=i,this.options=r,n.length>2||n[0]!==""||n[1]!==""?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=$}_$AI(s,e=this,n,i){let r=this.strings,o=!1;if(r===void 0)s=Es(this,s,e,0),o=!si(s)||s!==this._$AH&&s!==Yn,o&&(this._$AH=s);else{let u=s,p,f;for(s=r[0],p=0;p<r.length-1;p++)f=Es(this,u[n+p],e,p),f===Yn&&(f=this._$AH[p]),o||=!si(f)||f!==this._$AH[p],f===$?s=$:s!==$&&(s+=(f??"")+r[p+1]),this._$AH[p]=f}o&&!i&&this.j(s)}j(s){s===$?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,s??"")}},Jr=class extends As{constructor(){super(...arguments),this.type=3}j(s){this.element[this.name]=s===$?void 0:s}},Kr=class extends As{constructor(){super(...arguments),this.type=4}j(s){this.element.toggleAttribute(this.name,!!s&&s!==$)}},Qr=class extends As{constructor(s,e,n,i,r){super(s,e,n,i,r),this.type=5}_$AI(s,e=this){if((s=Es(this,s,e,0)??$)===Yn)return;let n=this._$AH,i=s===$&&n!==$||s.capture!==n.capture||s.once!==n.once||s.passive!==n.passive,r=s!==$&&(n===$||i);i&&this.element.removeEventListener(this.name,this,n),r&&this.element.addEventListener(this.name,this,s),this._$AH=s}handleEvent(s){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,s):this._$AH.handleEvent(s)}},Zr=class{constructor(s,e,n){this.element=s,this.type=6,this._$AN=void 0,this._$AM=e,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(s){Es(this,s)}};var Gd=Xr.litHtmlPolyfillSupport;Gd?.(ii,ri),(Xr.litHtmlVersions??=[]).push("3.3.3");var Uo=(t,s,e)=>{let n=e?.renderBefore??s,i=n._$litPart$;if(i===void 0){let r=e?.renderBefore??null;n._$litPart$=i=new ri(s.insertBefore(ni(),r),r,void 0,e??{})}return i._$AI(t),i};var na=globalThis,En=class extends mn{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let s=super.createRenderRoot();return this.renderOptions.renderBefore??=s.firstChild,s}update(s){let e=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(s),this._$Do=Uo(e,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return Yn}};En._$litElement$=!0,En.finalized=!0,na.litElementHydrateSupport?.({LitElement:En});var Yd=na.litElementPolyfillSupport;Yd?.({LitElement:En});(na.litElementVersions??=[]).push("4.2.2");var oe=t=>(s,e)=>{e!==void 0?e.addInitializer(()=>{customElements.define(t,s)}):customElements.define(t,s)};var Jd={attribute:!0,type:String,converter:ei,reflect:!1,hasChanged:Ui},Kd=(t=Jd,s,e)=>{let{kind:n,metadata:i}=e,r=globalThis.litPropertyMetadata.get(i);if(r===void 0&&globalThis.litPropertyMetadata.set(i,r=new Map),n==="setter"&&((t=Object.create(t)).wrapped=!0),r.set(e.name,t),n==="accessor"){let{name:o}=e;return{set(u){let p=s.get.call(this);s.set.call(this,u),this.requestUpdate(o,p,t,!0,u)},init(u){return u!==void 0&&this.C(o,void 0,t,u),u}}}if(n==="setter"){let{name:o}=e;return function(u){let p=this[o];s.call(this,u),this.requestUpdate(o,p,t,!0,u)}}throw Error("Unsupported decorator location: "+n)};function me(t){return(s,e)=>typeof e=="object"?Kd(t,s,e):((n,i,r)=>{let o=i.hasOwnProperty(r);return i.constructor.createProperty(r,n),o?Object.getOwnPropertyDescriptor(i,r):void 0})(t,s,e)}function Ee(t){return me({...t,state:!0,attribute:!1})}var Jn=(t,s,e)=>(e.configurable=!0,e.enumerable=!0,Reflect.decorate&&typeof s!="object"&&Object.defineProperty(t,s,e),e);function Bo(t,s){return(e,n,i)=>{let r=o=>o.renderRoot?.querySelector(t)??null;if(s){let{get:o,set:u}=typeof n=="object"?e:i??(()=>{let p=Symbol();return{get(){return this[p]},set(f){this[p]=f}}})();return Jn(e,n,{get(){let p=o.call(this);return p===void 0&&(p=r(this),(p!==null||this.hasUpdated)&&u.call(this,p)),p}})}return Jn(e,n,{get(){return r(this)}})}}function sa(t){let s=t.replace(/^#\/?/,""),e=s.indexOf("?"),n=e<0?s:s.slice(0,e),[i="",...r]=n.split("/").map(Qd);return{page:i||"overview",rest:r,query:new URLSearchParams(e<0?"":s.slice(e+1))}}function Qd(t){try{return decodeURIComponent(t)}catch{return t}}function W(t,s={}){let e=ai(s);return`#/${t.map(encodeURIComponent).join("/")}${e}`}function ai(t){let s=new URLSearchParams;for(let[n,i]of Object.entries(t))i!=null&&i!==""&&s.set(n,String(i));let e=s.toString();return e?`?${e}`:""}function Vt(t){window.location.hash=t}var It=class{constructor(s){this.now=s;this.watchers=new Set}get value(){return this.now}set(s){s!==this.now&&(this.now=s,this.again())}again(){for(let s of[...this.watchers])s()}watch(s){return this.watchers.add(s),()=>this.watchers.delete(s)}},ln=class{constructor(s,e){this.host=s;this.store=e;s.addController(this)}get value(){return this.store.value}hostConnected(){this.stop=this.store.watch(()=>this.host.requestUpdate())}hostDisconnected(){this.stop?.()}};var Kn=class extends Error{constructor(e,n,i,r=[],o){super(n);this.status=e;this.title=n;this.detail=i;this.errors=r;this.retryAfter=o}},Gi=new It(!0),Go=()=>{};function Yo(t){Go=t}async function ct(t,s,e,n){let i={method:t,headers:{accept:"application/json"},credentials:"same-origin"};n&&(i.signal=n),e!==void 0&&(i.body=JSON.stringify(e),i.headers={...i.headers,"content-type":"application/json"});let r,o;try{r=await fetch(s,i),o=await r.text()}catch(u){throw n?.aborted?u:(Gi.set(!1),new Kn(0,"The daemon does not answer","It may have stopped, or be starting. This page tries again by itself."))}if(Gi.set(!0),r.ok)return{value:o===""?void 0:JSON.parse(o),text:o,status:r.status};throw r.status===401&&s!=="/v1/session"&&Go(),Zd(r,o)}function Zd(t,s){let e=Number(t.headers.get("retry-after")??Number.NaN),n=Number.isFinite(e)?e:void 0;try{let i=JSON.parse(s),r=i.title??`The daemon answered ${t.status}`;return new Kn(t.status,r,i.detail??"",i.errors??[],n)}catch{return new Kn(t.status,`The daemon answered ${t.status}`,s.slice(0,500),[],n)}}async function ue(t,s={},e){return(await ct("GET",t+ai(s),void 0,e)).value}async function ut(t,s={}){return(await ct("POST",t,s)).value}var Fe=encodeURIComponent;function Mt(t){return t instanceof Kn?t:new Kn(0,"This page failed",String(t))}var Xd=/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;function Pt(t,s=300){return(t.length>s?`${t.slice(0,s)}…`:t).replace(Xd,n=>`\\u{${n.codePointAt(0)?.toString(16)}}`)}function be(t,s=300){return Pt(t.replace(/\s+/g," "),s)}function Q(t){return Math.round(t).toString().replace(/\B(?=(\d{3})+$)/g," ")}function Be(t,s,e=`${s}s`){return`${Q(t)} ${t===1?s:e}`}function li(t){let s=[[1e12,"T"],[1e9,"G"],[1e6,"M"],[1e3,"k"]];for(let[e,n]of s)if(Math.abs(t)>=e*.9995)return oi(t/e)+n;return oi(t)}function oi(t){let s=Math.abs(t),e=s>=99.95||Number.isInteger(t)?0:s>=9.995?1:2;return t.toFixed(e).replace(/(\.\d*?)0+$/,"$1").replace(/\.$/,"")}function gn(t){return t==null?"–":t>0&&t<.005?"<0.01":li(t)}function Qn(t){if(t==null)return"–";let s=t*100,e=s===100||s===0?s.toFixed(0):s.toFixed(s>99?2:1);return`${e==="100.00"?"99.99":e.replace(/\.0$/,"")} %`}function $t(t){return t==null?"–":t<1e3?`${oi(t<.1&&t>0?.1:Math.round(t*10)/10)} ms`:t<6e4?`${oi(t/1e3)} s`:Ms(t/1e3)}function Ms(t){let s=[[86400,"d"],[3600,"h"],[60,"min"],[1,"s"]],e=Math.max(0,Math.round(t)),n=[];for(let[i,r]of s){let o=Math.floor(e/i);if(e-=o*i,o>0)n.push(`${o} ${r}`);else if(n.length>0)break;if(n.length===2)break}return n.join(" ")||"0 s"}function An(t){let s=["B","KiB","MiB","GiB","TiB"],e=t,n=0;for(;e>=1024&&n<s.length-1;)e/=1024,n+=1;return`${oi(e)} ${s[n]}`}var ia=t=>t.toString().padStart(2,"0");function Jo(t,s){let e=new Date(t);if(Number.isNaN(e.getTime()))return Pt(t,40);let n=`${ia(e.getHours())}:${ia(e.getMinutes())}`;if(e.toDateString()===s.toDateString())return`${n}:${ia(e.getSeconds())}`;let i=["Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"][e.getMonth()],r=e.getFullYear()===s.getFullYear()?"":` ${e.getFullYear()}`;return`${e.getDate()} ${i}${r} ${n}`}function ra(t,s){let e=(s.getTime()-new Date(t).getTime())/1e3;if(Number.isNaN(e))return Pt(t,40);if(Math.abs(e)<1)return"now";let[n]=Ms(Math.abs(e)).split(" ");return e>0?`${n} ago`:`in ${n}`}function aa(t){return t.replace(/,/g,"")}function ci(t){return t?t.slice(0,12):"–"}var Ct=new It({state:"idle",messages:0}),ep=5e3,Yi=new Set,vn,oa,Ko;function Ps(t){return Yi.add(t),Ji(),()=>{Yi.delete(t),setTimeout(Ji,0)}}function Ji(){let t=Yi.size>0&&!document.hidden;t&&!vn?tp():!t&&vn&&Qo("idle")}function tp(){clearTimeout(Ko),Ct.set({...Ct.value,state:"connecting"}),vn=new EventSource(`/v1/events/stream${oa===void 0?"":`?after=${encodeURIComponent(oa)}`}`),vn.addEventListener("open",()=>Ct.set({...Ct.value,state:"open"})),vn.addEventListener("error",()=>{vn?.readyState===EventSource.CLOSED?(Qo("broken"),Ko=setTimeout(Ji,ep)):Ct.set({...Ct.value,state:"connecting"})});for(let t of["event","settled","gap"])vn.addEventListener(t,s=>{s.lastEventId!==""&&(oa=s.lastEventId),Ct.set({...Ct.value,messages:Ct.value.messages+1});for(let e of[...Yi])e(t,s.data)})}function Qo(t){vn?.close(),vn=void 0,Ct.set({...Ct.value,state:t})}document.addEventListener("visibilitychange",Ji);var X=class{constructor(s,e,n){this.host=s;this.fetch=e;this.every=n;this.wanted=!1;this.connected=!1;this.seen=()=>{document.hidden?clearTimeout(this.timer):this.every!==void 0&&this.load()};s.addController(this)}hostConnected(){this.connected=!0,document.addEventListener("visibilitychange",this.seen),this.load()}hostDisconnected(){this.connected=!1,document.removeEventListener("visibilitychange",this.seen),clearTimeout(this.timer),this.running?.abort(),this.running=void 0}restart(){this.running?.abort(),this.running=void 0,this.value=void 0,this.problem=void 0,this.load()}async load(){if(this.running){this.wanted=!0;return}clearTimeout(this.timer);let s=new AbortController;this.running=s;try{let e=await this.fetch(s.signal);if(this.running!==s)return;this.value=e,this.problem=void 0,this.at=new Date}catch(e){if(this.running!==s)return;this.problem=Mt(e)}this.running=void 0,this.host.requestUpdate(),this.wanted?(this.wanted=!1,this.load()):this.connected&&this.every!==void 0&&!document.hidden&&(this.timer=setTimeout(()=>{this.load()},this.every))}};var np={name:null,scopes:["publish","read","operate","admin"],channels:null,required:!1},cn=new It({state:"asking"});Yo(()=>cn.set({state:"out"}));async function la(){try{let{value:t}=await ct("GET","/v1/session");cn.set({state:"in",who:t})}catch(t){let s=Mt(t);s.status===404?cn.set({state:"in",who:np}):s.status===401?cn.set({state:"out"}):cn.set({state:"failed",problem:s})}}async function Zo(t){await ct("POST","/v1/session",{token:t}),await la()}async function Xo(){try{await ct("DELETE","/v1/session")}catch(t){let s=Mt(t);cn.set(s.status===401?{state:"out"}:{state:"failed",problem:s});return}cn.set({state:"out"})}function Ki(t,s){let e=cn.value;if(e.state!=="in")return"Sign in first.";let n=e.who.name===null?"This needs a token: without one there is":`The token ${e.who.name} lacks`;if(!e.who.scopes.includes(t))return`${n}${e.who.name===null?" no":" the"} scope ${t}.`;if(s!==void 0&&e.who.channels&&!e.who.channels.includes(s))return`The token ${e.who.name??""} is not for the channel ${s}.`}var ca="fanfare-theme";function sp(){try{let t=localStorage.getItem(ca);return t==="light"||t==="dark"?t:"system"}catch{return"system"}}var Zn=new It(sp());function el(t){try{t==="system"?localStorage.removeItem(ca):localStorage.setItem(ca,t)}catch{}tl(t),Zn.set(t)}function tl(t){t==="system"?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=t}tl(Zn.value);matchMedia("(prefers-color-scheme: dark)").addEventListener("change",()=>Zn.again());var ip={overview:ae`<path d="M3 10.500 8 4l5 6.500M3 13h10"/>`,events:ae`<path d="M2.500 4h11M2.500 8h11M2.500 12h7"/>`,channels:ae`<circle cx="3.500" cy="8" r="1.500"/><path d="M5 8h2.500m0 0C10 8 9.500 3.500 13.500 3.500M7.500 8h6M7.500 8c2.500 0 2 4.500 6 4.500"/>`,letters:ae`<path d="M2.500 4h11v8h-11zM2.500 4.500 8 9l5.500-4.500"/>`,plugins:ae`<path d="M6 2.500v3M10 2.500v3M4 5.500h8V8a4 4 0 0 1-8 0zM8 12v2"/>`,schemas:ae`<path d="M6 2.500C4 2.500 5 7 3 8c2 1 1 5.500 3 5.500M10 2.500c2 0 1 4.500 3 5.500-2 1-1 5.500-3 5.500"/>`,recipients:ae`<circle cx="8" cy="5.500" r="2.500"/><path d="M3 13.500c.5-3 2.500-4 5-4s4.500 1 5 4"/>`,config:ae`<path d="M3 4.500h6M12 4.500h1M3 11.500h1M7 11.500h6"/><circle cx="10.500" cy="4.500" r="1.500"/><circle cx="5.500" cy="11.500" r="1.500"/>`,success:ae`<path d="m3 8.500 3.200 3.200L13 5"/>`,failed:ae`<path d="m4 4 8 8M12 4l-8 8"/>`,pending:ae`<circle cx="8" cy="8" r="5.300"/><path d="M8 5v3.200l2 1.300"/>`,skipped:ae`<path d="M3 8h10M10 5l3 3-3 3"/>`,partial:ae`<circle cx="8" cy="8" r="5.300"/><path d="M8 2.700v10.600"/><path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor"/>`,none:ae`<path d="M4 8h8"/>`,pause:ae`<path d="M5.500 3.500v9M10.500 3.500v9"/>`,play:ae`<path d="M5 3.500 12 8l-7 4.500z"/>`,test:ae`<path d="M9 2 4 9h4l-1 5 5-7H8z"/>`,again:ae`<path d="M13 8a5 5 0 1 1-1.500-3.500M13 2.500V5h-2.500"/>`,trash:ae`<path d="M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.5 9h6l.5-9"/>`,search:ae`<circle cx="7" cy="7" r="4"/><path d="m10 10 3.500 3.500"/>`,close:ae`<path d="m4 4 8 8M12 4l-8 8"/>`,menu:ae`<path d="M2.500 4.500h11M2.500 8h11M2.500 11.500h11"/>`,sun:ae`<circle cx="8" cy="8" r="3"/><path d="M8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1"/>`,moon:ae`<path d="M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z"/>`,system:ae`<path d="M2.500 3.500h11v7.500h-11zM6 13.500h4"/>`,warning:ae`<path d="M8 2.500 14 13H2zM8 6.500v3M8 11v.5"/>`,copy:ae`<path d="M5.500 5.500h8v8h-8zM3 10.500H2.500v-8h8V3"/>`,right:ae`<path d="m6 3.500 4.500 4.500L6 12.500"/>`,out:ae`<path d="M6 3H3v10h3M7 8h6M10.500 5.500 13 8l-2.500 2.500"/>`};function j(t){return c`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${ip[t]}</svg>`}var se=class extends En{createRenderRoot(){return this}};var rp={0:"Check that the daemon runs: fanfare status.",401:"Sign in with a token that is still valid.",403:"Use a token with the scope that this needs.",429:"Wait a moment.",503:"The journal or the stream is busy; this page tries again by itself."};function te(t){if(!t)return $;let s=t.retryAfter?`Try again in ${Ms(t.retryAfter)}.`:rp[t.status];return c`<div class="problem" role="alert">
    ${j("warning")}
    <div>
      <strong>${be(t.title,200)}</strong>
      ${t.detail?c`<p>${Pt(t.detail,2e3)}</p>`:$}
      ${t.errors.length>0?c`<ul>
            ${t.errors.slice(0,20).map(e=>c`<li><code>${be(e.pointer,100)}</code> ${be(e.detail)}</li>`)}
          </ul>`:$}
      ${s?c`<p class="faint">${s}</p>`:$}
    </div>
  </div>`}function Ge(t,s){return c`<div class="empty">
    <strong>${t}</strong>
    <div>${s}</div>
  </div>`}function Ae(){return c`<div class="loading" role="status">Loading …</div>`}var di=class{constructor(s){this.question=s}},Kt=class extends se{constructor(){super(...arguments);this.busy=!1;this.reason="";this.typed="";this.back=null;this.enter=e=>{e.key==="Enter"&&this.querySelector("[data-confirm]")?.click()};this.act=async()=>{let e=this.question;if(!(!e||this.busy)){this.busy=!0,this.problem=void 0;try{let n=await e.act(this.reason.trim());n instanceof di?await this.show(n.question):(this.box.close(),da(n))}catch(n){this.problem=Mt(n)}this.busy=!1}};this.closed=()=>{this.question=void 0,this.back instanceof HTMLElement&&this.back.isConnected&&this.back.focus()}}ask(e){this.back=document.activeElement,this.show(e)}async show(e){if(this.question=e,this.counted=void 0,this.problem=void 0,this.busy=!1,this.reason="",this.typed="",await this.updateComplete,this.box.open||this.box.showModal(),!!e.count)try{let n=await e.count();this.question===e&&(this.counted=n)}catch(n){this.problem=Mt(n)}}render(){let e=this.question,n=e?.count!==void 0&&this.counted===void 0,i=this.counted?.matched===0,r=e?.phrase!==void 0&&this.typed.trim()!==e.phrase;return c`<dialog aria-labelledby="question" @close=${this.closed}>
      ${e?c`<h2 id="question">${e.title}</h2>
            <div class="body">${e.body}</div>
            ${e.count?c`<p class="count" role="status">${this.counted?this.counted.sentence:this.problem?"":"Counting …"}</p>`:$}
            ${e.reason?c`<label class="field">${e.reason}
                  <input maxlength="1000" .value=${this.reason} @input=${o=>this.reason=nl(o)} @keydown=${this.enter} />
                </label>`:$}
            ${e.phrase&&!i?c`<label class="field">Type <b>${e.phrase}</b> to go on
                  <input autocomplete="off" spellcheck="false" .value=${this.typed} @input=${o=>this.typed=nl(o)} @keydown=${this.enter} />
                </label>`:$}
            ${te(this.problem)}
            <div class="buttons">
              <button @click=${()=>this.box.close()}>${e.close??"Cancel"}</button>
              <button class="${e.danger?"danger":"primary"}" data-confirm ?disabled=${n||i||r||this.busy} @click=${this.act}>
                ${this.busy?"Working …":e.action}
              </button>
            </div>`:$}
    </dialog>`}};T([Ee()],Kt.prototype,"question",2),T([Ee()],Kt.prototype,"counted",2),T([Ee()],Kt.prototype,"problem",2),T([Ee()],Kt.prototype,"busy",2),T([Ee()],Kt.prototype,"reason",2),T([Ee()],Kt.prototype,"typed",2),T([Bo("dialog")],Kt.prototype,"box",2),Kt=T([oe("ff-dialog")],Kt);function nl(t){return t.target.value}function ht(t){document.querySelector("ff-dialog")?.ask(t)}var Cs=new It([]),ap=0;function da(t){let s=ap+=1;Cs.set([...Cs.value.slice(-2),{id:s,text:t}]),setTimeout(()=>sl(s),8e3)}function sl(t){Cs.set(Cs.value.filter(s=>s.id!==t))}function il(t){return c`<div class="notices" role="status" aria-live="polite">
    ${t.map(({id:s,text:e})=>c`<div class="notice">
        ${j("success")}<span>${e}</span>
        <button class="quiet" aria-label="Dismiss" @click=${()=>sl(s)}>${j("close")}</button>
      </div>`)}
  </div>`}function Qi(t,s){let e=/^(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)$/.exec(t.trim());if(e){let i={s:1,m:60,min:60,h:3600,d:86400,w:604800}[e[2]];return new Date(s.getTime()-Number(e[1])*i*1e3).toISOString()}let n=/^\d{4}-\d\d-\d\d/.test(t.trim())?new Date(t.trim()):void 0;return n&&!Number.isNaN(n.getTime())?n.toISOString():t.trim()||void 0}var op=["type","status","channel","source"];function rl(t,s){let e=Object.fromEntries(op.map(n=>[n,t.get(n)]));return e.since=Qi(t.get("since")??"",s),e.until=Qi(t.get("until")??"",s),e}var lp=["channel","type","class","code"];function Zi(t,s){let e=Object.fromEntries(lp.map(n=>[n,t.get(n)]));return e.since=Qi(t.get("since")??"",s),e.until=Qi(t.get("until")??"",s),e}function al(t){let s=Object.entries(t).filter(([,e])=>e!=null&&e!=="");return s.length===0?{all:!0}:Object.fromEntries(s)}function Xi(t){return Object.entries(t).filter(([,e])=>e!=null&&e!=="").map(([e,n])=>`${e} ${String(n)}`).join(", ")}function ol(t){let s=new Map;for(let e of t){let n=JSON.stringify([e.channel,e.class,e.code]),i=s.get(n)??{channel:e.channel,class:e.class,code:e.code,items:[]};i.items.push(e),s.set(n,i)}return[...s.values()].sort((e,n)=>n.items.length-e.items.length||(e.code<n.code?-1:1))}function _(t,s=300){return c`<bdi class="said" title=${Pt(t??"",2e3)}>${be(t??"",s)}</bdi>`}function Y(t,s=120){return c`<bdi class="mono said" title=${Pt(t??"",2e3)}>${be(t??"",s)}</bdi>`}function je(t){return t?c`<time datetime=${t} title="${t}, ${ra(t,new Date)}">${Jo(t,new Date)}</time>`:c`<span class="faint">–</span>`}function We(t){return t?c`<time datetime=${t} title=${t}>${ra(t,new Date)}</time>`:c`<span class="faint">–</span>`}var ll={success:["ok","success","delivered"],failed:["bad","failed","failed"],pending:["wait","pending","pending"],skipped:["quiet","skipped","skipped"],partial:["warn","partial","partial"],unrouted:["quiet","none","unrouted"],cancelled:["quiet","close","cancelled"]};function pi(t){let[s,e,n]=ll[t]??["quiet","none",t];return c`<span class="status ${s}">${j(e)}${n}</span>`}var cp={active:["ok","success"],missing:["bad","none"],failed:["bad","failed"],paused:["wait","pause"],suspended:["warn","warning"],open:["warn","warning"],unconfigured:["quiet","config"],running:["wait","again"],done:["ok","success"],finished:["ok","success"],cancelled:["quiet","close"],ok:["ok","success"],rejected:["bad","failed"]};function at(t){let[s,e]=cp[t]??["quiet","none"];return c`<span class="status ${s}">${j(e)}${t}</span>`}function cl(t,s,e){let[n,i,r]=ll[s]??["quiet","none",s];return c`<a class="chip ${n}" href=${W(["channels",t])} title=${Pt(e,1e3)}
    >${j(i)}<bdi>${be(t,40)}</bdi><span class="hidden">: ${r}</span></a>`}function Qe(t,s){return c`<span class="fault"><span class="class">${be(t,40)}</span>${s?c` ${Y(s,60)}`:""}</span>`}var dl={replay:"replay",manual:"redriven",fallback:"as a fallback"};function dp(t,s){let e=Object.entries(t).flatMap(([n,i])=>i.map(r=>({at:r.started,channel:n,attempt:r})));for(let[n,i]of Object.entries(s))if(i.skipped_replay){let{at:r,reason:o,detail:u}=i.skipped_replay;e.push({at:r,channel:n,skipped:{reason:o,detail:u,again:" (replay)"}})}else if(i.status==="skipped"){let r=i.fallback_for?" (as a fallback)":"";e.push({at:i.timestamp,channel:n,skipped:{reason:i.reason??"",detail:i.detail??"",again:r}})}return e.sort((n,i)=>Date.parse(n.at)-Date.parse(i.at)||(n.attempt?.number??0)-(i.attempt?.number??0))}function pl(t){let{attempts:s={},stages:e=[],result:n}=t,i=Date.parse(n.broadcast_at),r=o=>`+${$t(Math.max(0,Date.parse(o)-i))}`;return c`<ol class="timeline">
    ${e.map(o=>c`<li class=${o.class?"bad":"quiet"}>
        <span class="mark">${j(o.class?"failed":"none")}</span>
        <div class="step">
          <div class="step-head">
            <b>stage ${_(o.stage,60)}</b> <span>${o.did}</span>
            <span class="cost">${$t(o.duration_ms)}</span>
          </div>
          ${o.changed?.length?c`<div class="faint">changed ${o.changed.slice(0,20).map(u=>c`${Y(u)} `)}</div>`:$}
          ${o.class?c`<div>${Qe(o.class,o.code??"")} ${_(o.reason,500)}</div>`:$}
        </div>
      </li>`)}
    <li class="begin">
      <span class="mark">${j("right")}</span>
      <div class="step"><div class="step-head"><b>accepted</b> ${je(n.broadcast_at)}</div></div>
    </li>
    ${dp(s,n.channels).map(o=>pp(o,r))}
    ${Object.entries(n.channels).filter(([,o])=>o.status==="pending").map(([o,u])=>c`<li class="wait">
          <span class="mark">${j("pending")}</span>
          <div class="step">
            <div class="step-head"><b><a href=${W(["channels",o])}>${_(o,60)}</a></b> ${pa(u)}</div>
          </div>
        </li>`)}
  </ol>`}function pa(t){let s=t.until??t.next_attempt_at;return t.waiting_for?c`<span>waits for ${t.waiting_for}${s?c`, goes on ${We(s)}`:$}</span>`:c`<span>is due, or being attempted</span>`}function pp(t,s){let{attempt:e,skipped:n,channel:i,at:r}=t,o=n?"quiet":e?.class?"bad":"ok";return c`<li class=${o}>
    <span class="mark">${j(n?"skipped":e?.class?"failed":"success")}</span>
    <div class="step">
      <div class="step-head">
        <b><a href=${W(["channels",i])}>${_(i,60)}</a></b>
        ${e?c`<span>${e.class?"failed":"delivered"}</span>`:c`<span>skipped${n?.again}</span>`}
        ${e?c`<span class="faint">attempt ${e.number}${dl[e.trigger]?`, ${dl[e.trigger]}`:""}</span>`:$}
        <time class="faint" datetime=${r} title=${r}>${s(r)}</time>
      </div>
      ${e?ua(e):c`<div>${Y(n?.reason)} ${_(n?.detail,500)}</div>`}
    </div>
  </li>`}function ua(t){return c`${t.class?c`<div class="why">${Qe(t.class,t.code??"")} ${_(t.error,1e3)}</div>`:$}
    ${ha(t)} ${fa(t.trace)}`}function ha(t){return c`<dl class="costs">
    <div><dt>took</dt><dd>${$t(t.duration_ms)}</dd></div>
    <div><dt>fuel</dt><dd title=${t.fuel}>${li(t.fuel)}</dd></div>
    <div><dt>memory</dt><dd title=${`${t.memory} bytes`}>${An(t.memory)}</dd></div>
    ${t.plugin===void 0?$:c`<div><dt>plugin</dt><dd>${Y(t.plugin,16)}</dd></div>`}
  </dl>`}function fa(t){return t?.length?c`<pre class="trace" tabindex="0" role="region" aria-label="What the plugin logged">${t.map(s=>`${Pt(s,2e3)}
`)}</pre>`:$}function ke(t,s,e,n,i={}){let r=Ki(e,i.channel)??i.off;return c`<button
    class=${i.danger?"danger-quiet":""}
    ?disabled=${r!==void 0}
    title=${r??i.label??""}
    aria-label=${i.label??t}
    @click=${n}
  >
    ${j(s)}${t}
  </button>`}var ul=t=>c`<a href=${W(["dead-letters"])}>job ${t}</a>`;function er(t,s){ht({title:`Pause ${be(t.name,60)}?`,body:"Nothing more is attempted until somebody resumes it. Events are still accepted for it, and kept.",count:async()=>({matched:1,sentence:`${Be(t.pending,"delivery","deliveries")} pending, ${t.in_flight} in flight; those in flight end.`}),reason:"Why, for whoever looks later",action:"Pause",danger:!0,act:async e=>(await ut(`/v1/channels/${Fe(t.name)}/pause`,{reason:e}),s(),`${be(t.name,60)} is paused.`)})}function tr(t,s){ht({title:`Resume ${be(t.name,60)}?`,body:"What is pending is attempted again, at the rate that the channel allows.",count:async()=>({matched:1,sentence:`${Be(t.pending,"delivery","deliveries")} pending.`}),action:"Resume",act:async()=>(await ut(`/v1/channels/${Fe(t.name)}/resume`),s(),`${be(t.name,60)} is resumed.`)})}function nr(t){ht({title:`Test ${be(t,60)}?`,body:c`One sample event goes to this channel alone. <b>Its receiver gets it</b>; nothing is recorded here.`,action:"Send the sample",act:()=>hl(t)})}async function hl(t){let s=await ut(`/v1/channels/${Fe(t)}/test`);return new di({title:s.status==="success"?`${be(t,60)} delivered the sample`:`${be(t,60)} failed`,body:c`${s.class?c`<p>${Qe(s.class,s.code??"")} ${_(s.error,1e3)}</p>`:$}
      ${ha(s)} ${fa(s.trace)}`,close:"Close",action:"Send another",act:()=>hl(t)})}function fl(t,s){ht({title:`Forget ${be(t,60)}?`,body:"The channel has left the configuration. What is pending for it ends as dead letters, and events are no longer kept for it.",count:async()=>{let{pending:e}=await ut(`/v1/channels/${Fe(t)}/forget`,{dry_run:!0});return{matched:e,sentence:`${Be(e,"pending delivery ends","pending deliveries end")}.`}},phrase:"forget",action:"Forget",danger:!0,act:async()=>{let{ended:e}=await ut(`/v1/channels/${Fe(t)}/forget`,{dry_run:!1});return s(),`${Be(e,"delivery","deliveries")} ended.`}})}function dn(t,s,e){let n=al(s),i=Xi(s),r=`/v1/dead-letters/${t}`;ht({title:t==="replay"?"Redrive dead letters?":"Purge dead letters?",body:c`<p>${i?c`Those with ${_(i,300)}.`:"All of them."}</p>
      <p>
        ${t==="replay"?"Each begins another round of attempts under the same delivery id. The work is a job that never delays live events.":"What is purged is deleted, and cannot be redriven."}
      </p>`,count:async()=>{let{matched:o}=await ut(r,{...n,dry_run:!0}),u=t==="replay"?["is redriven","are redriven"]:["is purged","are purged"];return{matched:o,sentence:o===0?"No dead letter matches.":`${Be(o,"dead letter")} ${u[o===1?0:1]}.`}},...t==="purge"?{phrase:"purge"}:{},action:t==="replay"?"Redrive":"Purge",danger:t==="purge",act:async()=>{let o=await ut(r,{...n,dry_run:!1});return e(),c`${Be(o.matched,"dead letter")}: ${ul(o.replay)} works through them.`}})}function ml(t,s,e){let n={after:t.offset-1,until:t.offset,channels:[s]};ht({title:`Replay this event to ${be(s,60)}?`,body:"The channel gets it once more under the same delivery id, so a receiver that knows it may leave it aside.",count:async()=>{let{matched:i}=await ut("/v1/replays",{...n,dry_run:!0});return{matched:i,sentence:`${Be(i,"event")} is replayed.`}},action:"Replay",act:async()=>{let i=await ut("/v1/replays",n);return e(),c`${ul(i.id)} replays it.`}})}function gl(t,s,e){ht({title:`Drop the delivery to ${be(s,60)}?`,body:"It ends now, as a dead letter with your reason.",reason:"Why (needed, and kept)",action:"Drop",danger:!0,act:async n=>(await ut(`/v1/deliveries/${Fe(t)}/drop`,{reason:n}),e(),"It is a dead letter now.")})}var up="uplot",hp="u-hz",fp="u-vt",mp="u-title",gp="u-wrap",vp="u-under",bp="u-over",$p="u-axis",ts="u-off",yp="u-select",wp="u-cursor-x",xp="u-cursor-y",kp="u-cursor-pt",Sp="u-legend",_p="u-live",Tp="u-inline",Ep="u-series",Ap="u-marker",vl="u-label",Mp="u-value",hi="width",fi="height";var bl="bottom",Rs="left",ma="right",Ra="#000",$l=Ra+"0",ga="mousemove",yl="mousedown",va="mouseup",wl="mouseenter",xl="mouseleave",kl="dblclick",Pp="resize",Cp="scroll",Sl="change",or="dppxchange",Da="--",Hs=typeof window<"u",xa=Hs?document:null,Ls=Hs?window:null,Rp=Hs?navigator:null,we,sr;function ka(){let t=devicePixelRatio;we!=t&&(we=t,sr&&_a(Sl,sr,ka),sr=matchMedia(`(min-resolution: ${we-.001}dppx) and (max-resolution: ${we+.001}dppx)`),ns(Sl,sr,ka),Ls.dispatchEvent(new CustomEvent(or)))}function Rt(t,s){if(s!=null){let e=t.classList;!e.contains(s)&&e.add(s)}}function Sa(t,s){let e=t.classList;e.contains(s)&&e.remove(s)}function Ne(t,s,e){t.style[s]=e+"px"}function Qt(t,s,e,n){let i=xa.createElement(t);return s!=null&&Rt(i,s),e?.insertBefore(i,n),i}function Ft(t,s){return Qt("div",t,s)}var _l=new WeakMap;function pn(t,s,e,n,i){let r="translate("+s+"px,"+e+"px)",o=_l.get(t);r!=o&&(t.style.transform=r,_l.set(t,r),s<0||e<0||s>n||e>i?Rt(t,ts):Sa(t,ts))}var Tl=new WeakMap;function El(t,s,e){let n=s+e,i=Tl.get(t);n!=i&&(Tl.set(t,n),t.style.background=s,t.style.borderColor=e)}var Al=new WeakMap;function Ml(t,s,e,n){let i=s+""+e,r=Al.get(t);i!=r&&(Al.set(t,i),t.style.height=e+"px",t.style.width=s+"px",t.style.marginLeft=n?-s/2+"px":0,t.style.marginTop=n?-e/2+"px":0)}var La={passive:!0},Dp={...La,capture:!0};function ns(t,s,e,n){s.addEventListener(t,e,n?Dp:La)}function _a(t,s,e,n){s.removeEventListener(t,e,La)}Hs&&ka();function Zt(t,s,e,n){let i;e=e||0,n=n||s.length-1;let r=n<=2147483647;for(;n-e>1;)i=r?e+n>>1:Dt((e+n)/2),s[i]<t?e=i:n=i;return t-s[e]<=s[n]-t?e:n}function sc(t){return(e,n,i)=>{let r=-1,o=-1;for(let u=n;u<=i;u++)if(t(e[u])){r=u;break}for(let u=i;u>=n;u--)if(t(e[u])){o=u;break}return[r,o]}}var ic=t=>t!=null,rc=t=>t!=null&&t>0,dr=sc(ic),Lp=sc(rc);function Np(t,s,e,n=0,i=!1){let r=i?Lp:dr,o=i?rc:ic;[s,e]=r(t,s,e);let u=t[s],p=t[s];if(s>-1)if(n==1)u=t[s],p=t[e];else if(n==-1)u=t[e],p=t[s];else for(let f=s;f<=e;f++){let v=t[f];o(v)&&(v<u?u=v:v>p&&(p=v))}return[u??Me,p??-Me]}function pr(t,s,e,n){let i=Rl(t),r=Rl(s);t==s&&(i==-1?(t*=e,s/=e):(t/=e,s*=e));let o=e==10?bn:ac,u=i==1?Dt:Wt,p=r==1?Wt:Dt,f=u(o(Xe(t))),v=p(o(Xe(s))),g=Ns(e,f),y=Ns(e,v);return e==10&&(f<0&&(g=Pe(g,-f)),v<0&&(y=Pe(y,-v))),n||e==2?(t=g*i,s=y*r):(t=dc(t,g),s=ur(s,y)),[t,s]}function Na(t,s,e,n){let i=pr(t,s,e,n);return t==0&&(i[0]=0),s==0&&(i[1]=0),i}var Oa=.1,Pl={mode:3,pad:Oa},gi={pad:0,soft:null,mode:0},Op={min:gi,max:gi};function lr(t,s,e,n){return hr(e)?Cl(t,s,e):(gi.pad=e,gi.soft=n?0:null,gi.mode=n?3:0,Cl(t,s,Op))}function $e(t,s){return t??s}function qp(t,s,e){for(s=$e(s,0),e=$e(e,t.length-1);s<=e;){if(t[s]!=null)return!0;s++}return!1}function Cl(t,s,e){let n=e.min,i=e.max,r=$e(n.pad,0),o=$e(i.pad,0),u=$e(n.hard,-Me),p=$e(i.hard,Me),f=$e(n.soft,Me),v=$e(i.soft,-Me),g=$e(n.mode,0),y=$e(i.mode,0),M=s-t,C=bn(M),I=yt(Xe(t),Xe(s)),U=bn(I),G=Xe(U-C);(M<1e-24||G>10)&&(M=0,(t==0||s==0)&&(M=1e-24,g==2&&f!=Me&&(r=0),y==2&&v!=-Me&&(o=0)));let S=M||I||1e3,F=bn(S),E=Ns(10,Dt(F)),re=S*(M==0?t==0?.1:1:r),N=Pe(dc(t-re,E/10),24),le=t>=f&&(g==1||g==3&&N<=f||g==2&&N>=f)?f:Me,ee=yt(u,N<le&&t>=le?le:Xt(le,N)),pe=S*(M==0?s==0?.1:1:o),Z=Pe(ur(s+pe,E/10),24),A=s<=v&&(y==1||y==3&&Z>=v||y==2&&Z<=v)?v:-Me,ie=Xt(p,Z>A&&s<=A?A:yt(A,Z));return ee==ie&&ee==0&&(ie=100),[ee,ie]}var zp=new Intl.NumberFormat(Hs?Rp.language:"en-US"),qa=t=>zp.format(t),Lt=Math,ar=Lt.PI,Xe=Lt.abs,Dt=Lt.floor,Ze=Lt.round,Wt=Lt.ceil,Xt=Lt.min,yt=Lt.max,Ns=Lt.pow,Rl=Lt.sign,bn=Lt.log10,ac=Lt.log2,Hp=(t,s=1)=>Lt.sinh(t)*s,ba=(t,s=1)=>Lt.asinh(t/s),Me=1/0;function Dl(t){return(bn((t^t>>31)-(t>>31))|0)+1}function Ta(t,s,e){return Xt(yt(t,s),e)}function oc(t){return typeof t=="function"}function he(t){return oc(t)?t:()=>t}var jp=()=>{},lc=t=>t,cc=(t,s)=>s,Vp=t=>null,Ll=t=>!0,Nl=(t,s)=>t==s,Ip=/\.\d*?(?=9{6,}|0{6,})/gm,ss=t=>{if(uc(t)||Pn.has(t))return t;let s=`${t}`,e=s.match(Ip);if(e==null)return t;let n=e[0].length-1;if(s.indexOf("e-")!=-1){let[i,r]=s.split("e");return+`${ss(i)}e${r}`}return Pe(t,n)};function Xn(t,s){return ss(Pe(ss(t/s))*s)}function ur(t,s){return ss(Wt(ss(t/s))*s)}function dc(t,s){return ss(Dt(ss(t/s))*s)}function Pe(t,s=0){if(uc(t))return t;let e=10**s,n=t*e*(1+Number.EPSILON);return Ze(n)/e}var Pn=new Map;function pc(t){return((""+t).split(".")[1]||"").length}function bi(t,s,e,n){let i=[],r=n.map(pc);for(let o=s;o<e;o++){let u=Xe(o),p=Pe(Ns(t,o),u);for(let f=0;f<n.length;f++){let v=t==10?+`${n[f]}e${o}`:n[f]*p,g=(o>=0?0:u)+(o>=r[f]?0:r[f]),y=t==10?v:Pe(v,g);i.push(y),Pn.set(y,g)}}return i}var vi={},za=[],Os=[null,null],Mn=Array.isArray,uc=Number.isInteger,Fp=t=>t===void 0;function Ol(t){return typeof t=="string"}function hr(t){let s=!1;if(t!=null){let e=t.constructor;s=e==null||e==Object}return s}function Wp(t){return t!=null&&typeof t=="object"}var Up=Object.getPrototypeOf(Uint8Array),hc="__proto__";function qs(t,s=hr){let e;if(Mn(t)){let n=t.find(i=>i!=null);if(Mn(n)||s(n)){e=Array(t.length);for(let i=0;i<t.length;i++)e[i]=qs(t[i],s)}else e=t.slice()}else if(t instanceof Up)e=t.slice();else if(s(t)){e={};for(let n in t)n!=hc&&(e[n]=qs(t[n],s))}else e=t;return e}function Ye(t){let s=arguments;for(let e=1;e<s.length;e++){let n=s[e];for(let i in n)i!=hc&&(hr(t[i])?Ye(t[i],qs(n[i])):t[i]=qs(n[i]))}return t}var Bp=0,Gp=1,Yp=2;function Jp(t,s,e){for(let n=0,i,r=-1;n<s.length;n++){let o=s[n];if(o>r){for(i=o-1;i>=0&&t[i]==null;)t[i--]=null;for(i=o+1;i<e&&t[i]==null;)t[r=i++]=null}}}function Kp(t,s){if(Xp(t)){let o=t[0].slice();for(let u=1;u<t.length;u++)o.push(...t[u].slice(1));return eu(o[0])||(o=Zp(o)),o}let e=new Set;for(let o=0;o<t.length;o++){let p=t[o][0],f=p.length;for(let v=0;v<f;v++)e.add(p[v])}let n=[Array.from(e).sort((o,u)=>o-u)],i=n[0].length,r=new Map;for(let o=0;o<i;o++)r.set(n[0][o],o);for(let o=0;o<t.length;o++){let u=t[o],p=u[0];for(let f=1;f<u.length;f++){let v=u[f],g=Array(i).fill(void 0),y=s?s[o][f]:Gp,M=[];for(let C=0;C<v.length;C++){let I=v[C],U=r.get(p[C]);I===null?y!=Bp&&(g[U]=I,y==Yp&&M.push(U)):g[U]=I}Jp(g,M,i),n.push(g)}}return n}var Qp=typeof queueMicrotask>"u"?t=>Promise.resolve().then(t):queueMicrotask;function Zp(t){let s=t[0],e=s.length,n=Array(e);for(let r=0;r<n.length;r++)n[r]=r;n.sort((r,o)=>s[r]-s[o]);let i=[];for(let r=0;r<t.length;r++){let o=t[r],u=Array(e);for(let p=0;p<e;p++)u[p]=o[n[p]];i.push(u)}return i}function Xp(t){let s=t[0][0],e=s.length;for(let n=1;n<t.length;n++){let i=t[n][0];if(i.length!=e)return!1;if(i!=s){for(let r=0;r<e;r++)if(i[r]!=s[r])return!1}}return!0}function eu(t,s=100){let e=t.length;if(e<=1)return!0;let n=0,i=e-1;for(;n<=i&&t[n]==null;)n++;for(;i>=n&&t[i]==null;)i--;if(i<=n)return!0;let r=yt(1,Dt((i-n+1)/s));for(let o=t[n],u=n+r;u<=i;u+=r){let p=t[u];if(p!=null){if(p<=o)return!1;o=p}}return!0}var fc=["January","February","March","April","May","June","July","August","September","October","November","December"],mc=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function gc(t){return t.slice(0,3)}var tu=mc.map(gc),nu=fc.map(gc),su={MMMM:fc,MMM:nu,WWWW:mc,WWW:tu};function ui(t){return(t<10?"0":"")+t}function iu(t){return(t<10?"00":t<100?"0":"")+t}var ru={YYYY:t=>t.getFullYear(),YY:t=>(t.getFullYear()+"").slice(2),MMMM:(t,s)=>s.MMMM[t.getMonth()],MMM:(t,s)=>s.MMM[t.getMonth()],MM:t=>ui(t.getMonth()+1),M:t=>t.getMonth()+1,DD:t=>ui(t.getDate()),D:t=>t.getDate(),WWWW:(t,s)=>s.WWWW[t.getDay()],WWW:(t,s)=>s.WWW[t.getDay()],HH:t=>ui(t.getHours()),H:t=>t.getHours(),h:t=>{let s=t.getHours();return s==0?12:s>12?s-12:s},AA:t=>t.getHours()>=12?"PM":"AM",aa:t=>t.getHours()>=12?"pm":"am",a:t=>t.getHours()>=12?"p":"a",mm:t=>ui(t.getMinutes()),m:t=>t.getMinutes(),ss:t=>ui(t.getSeconds()),s:t=>t.getSeconds(),fff:t=>iu(t.getMilliseconds())};function Ha(t,s){s=s||su;let e=[],n=/\{([a-z]+)\}|[^{]+/gi,i;for(;i=n.exec(t);)e.push(i[0][0]=="{"?ru[i[1]]:i[0]);return r=>{let o="";for(let u=0;u<e.length;u++)o+=typeof e[u]=="string"?e[u]:e[u](r,s);return o}}var au=new Intl.DateTimeFormat().resolvedOptions().timeZone;function ou(t,s){let e;return s=="UTC"||s=="Etc/UTC"?e=new Date(+t+t.getTimezoneOffset()*6e4):s==au?e=t:(e=new Date(t.toLocaleString("en-US",{timeZone:s})),e.setMilliseconds(t.getMilliseconds())),e}var vc=t=>t%1==0,cr=[1,2,2.5,5],lu=bi(10,-32,0,cr),bc=bi(10,0,32,cr),cu=bc.filter(vc),es=lu.concat(bc),ja=`
`,$c="{YYYY}",ql=ja+$c,yc="{M}/{D}",mi=ja+yc,ir=mi+"/{YY}",wc="{aa}",du="{h}:{mm}",Ds=du+wc,zl=ja+Ds,Hl=":{ss}",Se=null;function xc(t){let s=t*1e3,e=s*60,n=e*60,i=n*24,r=i*30,o=i*365,p=(t==1?bi(10,0,3,cr).filter(vc):bi(10,-3,0,cr)).concat([s,s*5,s*10,s*15,s*30,e,e*5,e*10,e*15,e*30,n,n*2,n*3,n*4,n*6,n*8,n*12,i,i*2,i*3,i*4,i*5,i*6,i*7,i*8,i*9,i*10,i*15,r,r*2,r*3,r*4,r*6,o,o*2,o*5,o*10,o*25,o*50,o*100]),f=[[o,$c,Se,Se,Se,Se,Se,Se,1],[i*28,"{MMM}",ql,Se,Se,Se,Se,Se,1],[i,yc,ql,Se,Se,Se,Se,Se,1],[n,"{h}"+wc,ir,Se,mi,Se,Se,Se,1],[e,Ds,ir,Se,mi,Se,Se,Se,1],[s,Hl,ir+" "+Ds,Se,mi+" "+Ds,Se,zl,Se,1],[t,Hl+".{fff}",ir+" "+Ds,Se,mi+" "+Ds,Se,zl,Se,1]];function v(g){return(y,M,C,I,U,G)=>{let S=[],F=U>=o,E=U>=r&&U<o,re=g(C),N=Pe(re*t,3),le=$a(re.getFullYear(),F?0:re.getMonth(),E||F?1:re.getDate()),ee=Pe(le*t,3);if(E||F){let pe=E?U/r:0,Z=F?U/o:0,A=N==ee?N:Pe($a(le.getFullYear()+Z,le.getMonth()+pe,1)*t,3),ie=new Date(Ze(A/t)),O=ie.getFullYear(),J=ie.getMonth();for(let V=0;A<=I;V++){let fe=$a(O+Z*V,J+pe*V,1),H=fe-g(Pe(fe*t,3));A=Pe((+fe+H)*t,3),A<=I&&S.push(A)}}else{let pe=U>=i?i:U,Z=Dt(C)-Dt(N),A=ee+Z+ur(N-ee,pe);S.push(A);let ie=g(A),O=ie.getHours()+ie.getMinutes()/e+ie.getSeconds()/n,J=U/n,V=y.axes[M]._space,fe=G/V;for(;A=Pe(A+U,t==1?0:3),!(A>I);)if(J>1){let H=Dt(Pe(O+J,6))%24,ge=g(A).getHours()-H;ge>1&&(ge=-1),A-=ge*n,O=(O+J)%24;let _e=S[S.length-1];Pe((A-_e)/U,3)*fe>=.7&&S.push(A)}else S.push(A)}return S}}return[p,f,v]}var[pu,uu,hu]=xc(1),[fu,mu,gu]=xc(.001);bi(2,-53,53,[1]);function jl(t,s){return t.map(e=>e.map((n,i)=>i==0||i==8||n==null?n:s(i==1||e[8]==0?n:e[1]+n)))}function Vl(t,s){return(e,n,i,r,o)=>{let u=s.find(C=>o>=C[0])||s[s.length-1],p,f,v,g,y,M;return n.map(C=>{let I=t(C),U=I.getFullYear(),G=I.getMonth(),S=I.getDate(),F=I.getHours(),E=I.getMinutes(),re=I.getSeconds(),N=U!=p&&u[2]||G!=f&&u[3]||S!=v&&u[4]||F!=g&&u[5]||E!=y&&u[6]||re!=M&&u[7]||u[1];return p=U,f=G,v=S,g=F,y=E,M=re,N(I)})}}function vu(t,s){let e=Ha(s);return(n,i,r,o,u)=>i.map(p=>e(t(p)))}function $a(t,s,e){return new Date(t,s,e)}function Il(t,s){return s(t)}var bu="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function Fl(t,s){return(e,n,i,r)=>r==null?Da:s(t(n))}function $u(t,s){let e=t.series[s];return e.width?e.stroke(t,s):e.points.width?e.points.stroke(t,s):null}function yu(t,s){return t.series[s].fill(t,s)}var wu={show:!0,live:!0,isolate:!1,mount:jp,markers:{show:!0,width:2,stroke:$u,fill:yu,dash:"solid"},idx:null,idxs:null,values:[]};function xu(t,s){let e=t.cursor.points,n=Ft(),i=e.size(t,s);Ne(n,hi,i),Ne(n,fi,i);let r=i/-2;Ne(n,"marginLeft",r),Ne(n,"marginTop",r);let o=e.width(t,s,i);return o&&Ne(n,"borderWidth",o),n}function ku(t,s){let e=t.series[s].points;return e._fill||e._stroke}function Su(t,s){let e=t.series[s].points;return e._stroke||e._fill}function _u(t,s){return t.series[s].points.size}var ya=[0,0];function Tu(t,s,e){return ya[0]=s,ya[1]=e,ya}function rr(t,s,e,n=!0){return i=>{i.button==0&&(!n||i.target==s)&&e(i)}}function wa(t,s,e,n=!0){return i=>{(!n||i.target==s)&&e(i)}}var Eu={show:!0,x:!0,y:!0,lock:!1,move:Tu,points:{one:!1,show:xu,size:_u,width:0,stroke:Su,fill:ku},bind:{mousedown:rr,mouseup:rr,click:rr,dblclick:rr,mousemove:wa,mouseleave:wa,mouseenter:wa},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(t,s)=>{s.stopPropagation(),s.stopImmediatePropagation()},_x:!1,_y:!1},focus:{dist:(t,s,e,n,i)=>n-i,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},kc={show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Va=Ye({},kc,{filter:cc}),Sc=Ye({},Va,{size:10}),_c=Ye({},kc,{show:!1}),Ia='12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',Tc="bold "+Ia,Ec=1.5,Wl={show:!0,scale:"x",stroke:Ra,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Tc,side:2,grid:Va,ticks:Sc,border:_c,font:Ia,lineGap:Ec,rotate:0},Au="Value",Mu="Time",Ul={show:!0,scale:"x",auto:!1,sorted:1,min:Me,max:-Me,idxs:[]};function Pu(t,s,e,n,i){return s.map(r=>r==null?"":qa(r))}function Cu(t,s,e,n,i,r,o){let u=[],p=Pn.get(i)||0;e=o?e:Pe(ur(e,i),p);for(let f=e;f<=n;f=Pe(f+i,p))u.push(Object.is(f,-0)?0:f);return u}function Ea(t,s,e,n,i,r,o){let u=[],p=t.scales[t.axes[s].scale].log,f=p==10?bn:ac,v=Dt(f(e));i=Ns(p,v),p==10&&(i=es[Zt(i,es)]);let g=e,y=i*p;p==10&&(y=es[Zt(y,es)]);do u.push(g),g=g+i,p==10&&!Pn.has(g)&&(g=Pe(g,Pn.get(i))),g>=y&&(i=g,y=i*p,p==10&&(y=es[Zt(y,es)]));while(g<=n);return u}function Ru(t,s,e,n,i,r,o){let p=t.scales[t.axes[s].scale].asinh,f=n>p?Ea(t,s,yt(p,e),n,i):[p],v=n>=0&&e<=0?[0]:[];return(e<-p?Ea(t,s,yt(p,-n),-e,i):[p]).reverse().map(y=>-y).concat(v,f)}var Ac=/./,Du=/[12357]/,Lu=/[125]/,Bl=/1/,Aa=(t,s,e,n)=>t.map((i,r)=>s==4&&i==0||r%n==0&&e.test(i.toExponential()[i<0?1:0])?i:null);function Nu(t,s,e,n,i){let r=t.axes[e],o=r.scale,u=t.scales[o],p=t.valToPos,f=r._space,v=p(10,o),g=p(9,o)-v>=f?Ac:p(7,o)-v>=f?Du:p(5,o)-v>=f?Lu:Bl;if(g==Bl){let y=Xe(p(1,o)-v);if(y<f)return Aa(s.slice().reverse(),u.distr,g,Wt(f/y)).reverse()}return Aa(s,u.distr,g,1)}function Ou(t,s,e,n,i){let r=t.axes[e],o=r.scale,u=r._space,p=t.valToPos,f=Xe(p(1,o)-p(2,o));return f<u?Aa(s.slice().reverse(),3,Ac,Wt(u/f)).reverse():s}function qu(t,s,e,n){return n==null?Da:s==null?"":qa(s)}var Gl={show:!0,scale:"y",stroke:Ra,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Tc,side:3,grid:Va,ticks:Sc,border:_c,font:Ia,lineGap:Ec,rotate:0};function zu(t,s){let e=3+(t||1)*2;return Pe(e*s,3)}function Hu(t,s){let{scale:e,idxs:n}=t.series[0],i=t._data[0],r=t.valToPos(i[n[0]],e,!0),o=t.valToPos(i[n[1]],e,!0),u=Xe(o-r),p=t.series[s],f=u/(p.points.space*we);return n[1]-n[0]<=f}var Yl={scale:null,auto:!0,sorted:0,min:Me,max:-Me},Mc=(t,s,e,n,i)=>i,Jl={show:!0,auto:!0,sorted:0,gaps:Mc,alpha:1,facets:[Ye({},Yl,{scale:"x"}),Ye({},Yl,{scale:"y"})]},Kl={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,gaps:Mc,alpha:1,points:{show:Hu,filter:null},values:null,min:Me,max:-Me,idxs:[],path:null,clip:null};function ju(t,s,e,n,i){return e/10}var Pc={time:!0,auto:!0,distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Vu=Ye({},Pc,{time:!1,ori:1}),Ql={};function Cc(t,s){let e=Ql[t];return e||(e={key:t,plots:[],sub(n){e.plots.push(n)},unsub(n){e.plots=e.plots.filter(i=>i!=n)},pub(n,i,r,o,u,p,f){for(let v=0;v<e.plots.length;v++)e.plots[v]!=i&&e.plots[v].pub(n,i,r,o,u,p,f)}},t!=null&&(Ql[t]=e)),e}var zs=1,Ma=2;function is(t,s,e){let n=t.mode,i=t.series[s],r=n==2?t._data[s]:t._data,o=t.scales,u=t.bbox,p=r[0],f=n==2?r[1]:r[s],v=n==2?o[i.facets[0].scale]:o[t.series[0].scale],g=n==2?o[i.facets[1].scale]:o[i.scale],y=u.left,M=u.top,C=u.width,I=u.height,U=t.valToPosH,G=t.valToPosV;return v.ori==0?e(i,p,f,v,g,U,G,y,M,C,I,mr,js,vr,Dc,Nc):e(i,p,f,v,g,G,U,M,y,I,C,gr,Vs,Ua,Lc,Oc)}function Fa(t,s){let e=0,n=0,i=$e(t.bands,za);for(let r=0;r<i.length;r++){let o=i[r];o.series[0]==s?e=o.dir:o.series[1]==s&&(o.dir==1?n|=1:n|=2)}return[e,n==1?-1:n==2?1:n==3?2:0]}function Iu(t,s,e,n,i){let r=t.mode,o=t.series[s],u=r==2?o.facets[1].scale:o.scale,p=t.scales[u];return i==-1?p.min:i==1?p.max:p.distr==3?p.dir==1?p.min:p.max:0}function $n(t,s,e,n,i,r){return is(t,s,(o,u,p,f,v,g,y,M,C,I,U)=>{let G=o.pxRound,S=f.dir*(f.ori==0?1:-1),F=f.ori==0?js:Vs,E,re;S==1?(E=e,re=n):(E=n,re=e);let N=G(g(u[E],f,I,M)),le=G(y(p[E],v,U,C)),ee=G(g(u[re],f,I,M)),pe=G(y(r==1?v.max:v.min,v,U,C)),Z=new Path2D(i);return F(Z,ee,pe),F(Z,N,pe),F(Z,N,le),Z})}function fr(t,s,e,n,i,r){let o=null;if(t.length>0){o=new Path2D;let u=s==0?vr:Ua,p=e;for(let g=0;g<t.length;g++){let y=t[g];if(y[1]>y[0]){let M=y[0]-p;M>0&&u(o,p,n,M,n+r),p=y[1]}}let f=e+i-p,v=10;f>0&&u(o,p,n-v/2,f,n+r+v)}return o}function Fu(t,s,e){let n=t[t.length-1];n&&n[0]==s?n[1]=e:t.push([s,e])}function Wa(t,s,e,n,i,r,o){let u=[],p=t.length;for(let f=i==1?e:n;f>=e&&f<=n;f+=i)if(s[f]===null){let g=f,y=f;if(i==1)for(;++f<=n&&s[f]===null;)y=f;else for(;--f>=e&&s[f]===null;)y=f;let M=r(t[g]),C=y==g?M:r(t[y]),I=g-i;M=o<=0&&I>=0&&I<p?r(t[I]):M;let G=y+i;C=o>=0&&G>=0&&G<p?r(t[G]):C,C>=M&&u.push([M,C])}return u}function Zl(t){return t==0?lc:t==1?Ze:s=>Xn(s,t)}function Rc(t){let s=t==0?mr:gr,e=t==0?(i,r,o,u,p,f)=>{i.arcTo(r,o,u,p,f)}:(i,r,o,u,p,f)=>{i.arcTo(o,r,p,u,f)},n=t==0?(i,r,o,u,p)=>{i.rect(r,o,u,p)}:(i,r,o,u,p)=>{i.rect(o,r,p,u)};return(i,r,o,u,p,f=0,v=0)=>{f==0&&v==0?n(i,r,o,u,p):(f=Xt(f,u/2,p/2),v=Xt(v,u/2,p/2),s(i,r+f,o),e(i,r+u,o,r+u,o+p,f),e(i,r+u,o+p,r,o+p,v),e(i,r,o+p,r,o,v),e(i,r,o,r+u,o,f),i.closePath())}}var mr=(t,s,e)=>{t.moveTo(s,e)},gr=(t,s,e)=>{t.moveTo(e,s)},js=(t,s,e)=>{t.lineTo(s,e)},Vs=(t,s,e)=>{t.lineTo(e,s)},vr=Rc(0),Ua=Rc(1),Dc=(t,s,e,n,i,r)=>{t.arc(s,e,n,i,r)},Lc=(t,s,e,n,i,r)=>{t.arc(e,s,n,i,r)},Nc=(t,s,e,n,i,r,o)=>{t.bezierCurveTo(s,e,n,i,r,o)},Oc=(t,s,e,n,i,r,o)=>{t.bezierCurveTo(e,s,i,n,o,r)};function qc(t){return(s,e,n,i,r)=>is(s,e,(o,u,p,f,v,g,y,M,C,I,U)=>{let{pxRound:G,points:S}=o,F,E;f.ori==0?(F=mr,E=Dc):(F=gr,E=Lc);let re=Pe(S.width*we,3),N=(S.size-S.width)/2*we,le=Pe(N*2,3),ee=new Path2D,pe=new Path2D,{left:Z,top:A,width:ie,height:O}=s.bbox;vr(pe,Z-le,A-le,ie+le*2,O+le*2);let J=V=>{if(p[V]!=null){let fe=G(g(u[V],f,I,M)),H=G(y(p[V],v,U,C));F(ee,fe+N,H),E(ee,fe,H,N,0,ar*2)}};if(r)r.forEach(J);else for(let V=n;V<=i;V++)J(V);return{stroke:re>0?ee:null,fill:ee,clip:pe,flags:zs|Ma}})}function zc(t){return(s,e,n,i,r,o)=>{n!=i&&(r!=n&&o!=n&&t(s,e,n),r!=i&&o!=i&&t(s,e,i),t(s,e,o))}}var Wu=zc(js),Uu=zc(Vs);function Hc(t){let s=$e(t?.alignGaps,0);return(e,n,i,r)=>is(e,n,(o,u,p,f,v,g,y,M,C,I,U)=>{[i,r]=dr(p,i,r);let G=o.pxRound,S=O=>G(g(O,f,I,M)),F=O=>G(y(O,v,U,C)),E,re;f.ori==0?(E=js,re=Wu):(E=Vs,re=Uu);let N=f.dir*(f.ori==0?1:-1),le={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:zs},ee=le.stroke,pe=!1;if(r-i>=I*4){let O=q=>e.posToVal(q,f.key,!0),J=null,V=null,fe,H,wt,Oe=S(u[N==1?i:r]),ge=S(u[i]),_e=S(u[r]),ce=O(N==1?ge+1:_e-1);for(let q=N==1?i:r;q>=i&&q<=r;q+=N){let Je=u[q],qe=(N==1?Je<ce:Je>ce)?Oe:S(Je),xe=p[q];qe==Oe?xe!=null?(H=xe,J==null?(E(ee,qe,F(H)),fe=J=V=H):H<J?J=H:H>V&&(V=H)):xe===null&&(pe=!0):(J!=null&&re(ee,Oe,F(J),F(V),F(fe),F(H)),xe!=null?(H=xe,E(ee,qe,F(H)),J=V=fe=H):(J=V=null,xe===null&&(pe=!0)),Oe=qe,ce=O(Oe+N))}J!=null&&J!=V&&wt!=Oe&&re(ee,Oe,F(J),F(V),F(fe),F(H))}else for(let O=N==1?i:r;O>=i&&O<=r;O+=N){let J=p[O];J===null?pe=!0:J!=null&&E(ee,S(u[O]),F(J))}let[A,ie]=Fa(e,n);if(o.fill!=null||A!=0){let O=le.fill=new Path2D(ee),J=o.fillTo(e,n,o.min,o.max,A),V=F(J),fe=S(u[i]),H=S(u[r]);N==-1&&([H,fe]=[fe,H]),E(O,H,V),E(O,fe,V)}if(!o.spanGaps){let O=[];pe&&O.push(...Wa(u,p,i,r,N,S,s)),le.gaps=O=o.gaps(e,n,i,r,O),le.clip=fr(O,f.ori,M,C,I,U)}return ie!=0&&(le.band=ie==2?[$n(e,n,i,r,ee,-1),$n(e,n,i,r,ee,1)]:$n(e,n,i,r,ee,ie)),le})}function Bu(t){let s=$e(t.align,1),e=$e(t.ascDesc,!1),n=$e(t.alignGaps,0),i=$e(t.extend,!1);return(r,o,u,p)=>is(r,o,(f,v,g,y,M,C,I,U,G,S,F)=>{[u,p]=dr(g,u,p);let E=f.pxRound,{left:re,width:N}=r.bbox,le=ge=>E(C(ge,y,S,U)),ee=ge=>E(I(ge,M,F,G)),pe=y.ori==0?js:Vs,Z={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:zs},A=Z.stroke,ie=y.dir*(y.ori==0?1:-1),O=ee(g[ie==1?u:p]),J=le(v[ie==1?u:p]),V=J,fe=J;i&&s==-1&&(fe=re,pe(A,fe,O)),pe(A,J,O);for(let ge=ie==1?u:p;ge>=u&&ge<=p;ge+=ie){let _e=g[ge];if(_e==null)continue;let ce=le(v[ge]),q=ee(_e);s==1?pe(A,ce,O):pe(A,V,q),pe(A,ce,q),O=q,V=ce}let H=V;i&&s==1&&(H=re+N,pe(A,H,O));let[wt,Oe]=Fa(r,o);if(f.fill!=null||wt!=0){let ge=Z.fill=new Path2D(A),_e=f.fillTo(r,o,f.min,f.max,wt),ce=ee(_e);pe(ge,H,ce),pe(ge,fe,ce)}if(!f.spanGaps){let ge=[];ge.push(...Wa(v,g,u,p,ie,le,n));let _e=f.width*we/2,ce=e||s==1?_e:-_e,q=e||s==-1?-_e:_e;ge.forEach(Je=>{Je[0]+=ce,Je[1]+=q}),Z.gaps=ge=f.gaps(r,o,u,p,ge),Z.clip=fr(ge,y.ori,U,G,S,F)}return Oe!=0&&(Z.band=Oe==2?[$n(r,o,u,p,A,-1),$n(r,o,u,p,A,1)]:$n(r,o,u,p,A,Oe)),Z})}function Xl(t,s,e,n,i,r,o=Me){if(t.length>1){let u=null;for(let p=0,f=1/0;p<t.length;p++)if(s[p]!==void 0){if(u!=null){let v=Xe(t[p]-t[u]);v<f&&(f=v,o=Xe(e(t[p],n,i,r)-e(t[u],n,i,r)))}u=p}}return o}function Gu(t){t=t||vi;let s=$e(t.size,[.6,Me,1]),e=t.align||0,n=t.gap||0,i=t.radius;i=i==null?[0,0]:typeof i=="number"?[i,0]:i;let r=he(i),o=1-s[0],u=$e(s[1],Me),p=$e(s[2],1),f=$e(t.disp,vi),v=$e(t.each,M=>{}),{fill:g,stroke:y}=f;return(M,C,I,U)=>is(M,C,(G,S,F,E,re,N,le,ee,pe,Z,A)=>{let ie=G.pxRound,O=e,J=n*we,V=u*we,fe=p*we,H,wt;E.ori==0?[H,wt]=r(M,C):[wt,H]=r(M,C);let Oe=E.dir*(E.ori==0?1:-1),ge=E.ori==0?vr:Ua,_e=E.ori==0?v:(D,Ce,Ke,ps,qn,tn,zn)=>{v(D,Ce,Ke,qn,ps,zn,tn)},ce=$e(M.bands,za).find(D=>D.series[0]==C),q=ce!=null?ce.dir:0,Je=G.fillTo(M,C,G.min,G.max,q),ft=ie(le(Je,re,A,pe)),qe,xe,Ut,St=Z,He=ie(G.width*we),en=!1,un=null,Nt=null,yn=null,ls=null;g!=null&&(He==0||y!=null)&&(en=!0,un=g.values(M,C,I,U),Nt=new Map,new Set(un).forEach(D=>{D!=null&&Nt.set(D,new Path2D)}),He>0&&(yn=y.values(M,C,I,U),ls=new Map,new Set(yn).forEach(D=>{D!=null&&ls.set(D,new Path2D)})));let{x0:cs,size:Us}=f;if(cs!=null&&Us!=null){O=1,S=cs.values(M,C,I,U),cs.unit==2&&(S=S.map(Ke=>M.posToVal(ee+Ke*Z,E.key,!0)));let D=Us.values(M,C,I,U);Us.unit==2?xe=D[0]*Z:xe=N(D[0],E,Z,ee)-N(0,E,Z,ee),St=Xl(S,F,N,E,Z,ee,St),Ut=St-xe+J}else St=Xl(S,F,N,E,Z,ee,St),Ut=St*o+J,xe=St-Ut;Ut<1&&(Ut=0),He>=xe/2&&(He=0),Ut<5&&(ie=lc);let Ci=Ut>0,Nn=St-Ut-(Ci?He:0);xe=ie(Ta(Nn,fe,V)),qe=(O==0?xe/2:O==Oe?0:xe)-O*Oe*((O==0?J/2:0)+(Ci?He/2:0));let mt={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},ds=en?null:new Path2D,hn=null;if(ce!=null)hn=M.data[ce.series[1]];else{let{y0:D,y1:Ce}=f;D!=null&&Ce!=null&&(F=Ce.values(M,C,I,U),hn=D.values(M,C,I,U))}let On=H*xe,ne=wt*xe;for(let D=Oe==1?I:U;D>=I&&D<=U;D+=Oe){let Ce=F[D];if(Ce==null)continue;if(hn!=null){let xt=hn[D]??0;if(Ce-xt==0)continue;ft=le(xt,re,A,pe)}let Ke=E.distr!=2||f!=null?S[D]:D,ps=N(Ke,E,Z,ee),qn=le($e(Ce,Je),re,A,pe),tn=ie(ps-qe),zn=ie(yt(qn,ft)),_t=ie(Xt(qn,ft)),Ot=zn-_t;if(Ce!=null){let xt=Ce<0?ne:On,Bt=Ce<0?On:ne;en?(He>0&&yn[D]!=null&&ge(ls.get(yn[D]),tn,_t+Dt(He/2),xe,yt(0,Ot-He),xt,Bt),un[D]!=null&&ge(Nt.get(un[D]),tn,_t+Dt(He/2),xe,yt(0,Ot-He),xt,Bt)):ge(ds,tn,_t+Dt(He/2),xe,yt(0,Ot-He),xt,Bt),_e(M,C,D,tn-He/2,_t,xe+He,Ot)}}return He>0?mt.stroke=en?ls:ds:en||(mt._fill=G.width==0?G._fill:G._stroke??G._fill,mt.width=0),mt.fill=en?Nt:ds,mt})}function Yu(t,s){let e=$e(s?.alignGaps,0);return(n,i,r,o)=>is(n,i,(u,p,f,v,g,y,M,C,I,U,G)=>{[r,o]=dr(f,r,o);let S=u.pxRound,F=H=>S(y(H,v,U,C)),E=H=>S(M(H,g,G,I)),re,N,le;v.ori==0?(re=mr,le=js,N=Nc):(re=gr,le=Vs,N=Oc);let ee=v.dir*(v.ori==0?1:-1),pe=F(p[ee==1?r:o]),Z=pe,A=[],ie=[];for(let H=ee==1?r:o;H>=r&&H<=o;H+=ee)if(f[H]!=null){let Oe=p[H],ge=F(Oe);A.push(Z=ge),ie.push(E(f[H]))}let O={stroke:t(A,ie,re,le,N,S),fill:null,clip:null,band:null,gaps:null,flags:zs},J=O.stroke,[V,fe]=Fa(n,i);if(u.fill!=null||V!=0){let H=O.fill=new Path2D(J),wt=u.fillTo(n,i,u.min,u.max,V),Oe=E(wt);le(H,Z,Oe),le(H,pe,Oe)}if(!u.spanGaps){let H=[];H.push(...Wa(p,f,r,o,ee,F,e)),O.gaps=H=u.gaps(n,i,r,o,H),O.clip=fr(H,v.ori,C,I,U,G)}return fe!=0&&(O.band=fe==2?[$n(n,i,r,o,J,-1),$n(n,i,r,o,J,1)]:$n(n,i,r,o,J,fe)),O})}function Ju(t){return Yu(Ku,t)}function Ku(t,s,e,n,i,r){let o=t.length;if(o<2)return null;let u=new Path2D;if(e(u,t[0],s[0]),o==2)n(u,t[1],s[1]);else{let p=Array(o),f=Array(o-1),v=Array(o-1),g=Array(o-1);for(let y=0;y<o-1;y++)v[y]=s[y+1]-s[y],g[y]=t[y+1]-t[y],f[y]=v[y]/g[y];p[0]=f[0];for(let y=1;y<o-1;y++)f[y]===0||f[y-1]===0||f[y-1]>0!=f[y]>0?p[y]=0:(p[y]=3*(g[y-1]+g[y])/((2*g[y]+g[y-1])/f[y-1]+(g[y]+2*g[y-1])/f[y]),isFinite(p[y])||(p[y]=0));p[o-1]=f[o-2];for(let y=0;y<o-1;y++)i(u,t[y]+g[y]/3,s[y]+p[y]*g[y]/3,t[y+1]-g[y]/3,s[y+1]-p[y+1]*g[y]/3,t[y+1],s[y+1])}return u}var Pa=new Set;function ec(){for(let t of Pa)t.syncRect(!0)}Hs&&(ns(Pp,Ls,ec),ns(Cp,Ls,ec,!0),ns(or,Ls,()=>{dt.pxRatio=we}));var Qu=Hc(),Zu=qc();function tc(t,s,e,n){return(n?[t[0],t[1]].concat(t.slice(2)):[t[0]].concat(t.slice(1))).map((r,o)=>Ca(r,o,s,e))}function Xu(t,s){return t.map((e,n)=>n==0?{}:Ye({},s,e))}function Ca(t,s,e,n){return Ye({},s==0?e:n,t)}function jc(t,s,e){return s==null?Os:[s,e]}var eh=jc;function th(t,s,e){return s==null?Os:lr(s,e,Oa,!0)}function Vc(t,s,e,n){return s==null?Os:pr(s,e,t.scales[n].log,!1)}var nh=Vc;function Ic(t,s,e,n){return s==null?Os:Na(s,e,t.scales[n].log,!1)}var sh=Ic;function ih(t,s,e,n,i){let r=yt(Dl(t),Dl(s)),o=s-t,u=Zt(i/n*o,e);do{let p=e[u],f=n*p/o;if(f>=i&&r+(p<5?Pn.get(p):0)<=17)return[p,f]}while(++u<e.length);return[0,0]}function nc(t){let s,e;return t=t.replace(/(\d+)px/,(n,i)=>(s=Ze((e=+i)*we))+"px"),[t,s,e]}function rh(t){t.show&&[t.font,t.labelFont].forEach(s=>{let e=Pe(s[2]*we,1);s[0]=s[0].replace(/[0-9.]+px/,e+"px"),s[1]=e})}function dt(t,s,e){let n={mode:$e(t.mode,1)},i=n.mode;function r(a,l,d,h){let m=l.valToPct(a);return h+d*(l.dir==-1?1-m:m)}function o(a,l,d,h){let m=l.valToPct(a);return h+d*(l.dir==-1?m:1-m)}function u(a,l,d,h){return l.ori==0?r(a,l,d,h):o(a,l,d,h)}n.valToPosH=r,n.valToPosV=o;let p=!1;n.status=0;let f=n.root=Ft(up);if(t.id!=null&&(f.id=t.id),Rt(f,t.class),t.title){let a=Ft(mp,f);a.textContent=t.title}let v=Qt("canvas"),g=n.ctx=v.getContext("2d"),y=Ft(gp,f);ns("click",y,a=>{a.target===C&&(Re!=xs||ze!=ks)&&lt.click(n,a)},!0);let M=n.under=Ft(vp,y);y.appendChild(v);let C=n.over=Ft(bp,y);t=qs(t);let I=+$e(t.pxAlign,1),U=Zl(I);(t.plugins||[]).forEach(a=>{a.opts&&(t=a.opts(n,t)||t)});let G=t.ms||.001,S=n.series=i==1?tc(t.series||[],Ul,Kl,!1):Xu(t.series||[null],Jl),F=n.axes=tc(t.axes||[],Wl,Gl,!0),E=n.scales={},re=n.bands=t.bands||[];re.forEach(a=>{a.fill=he(a.fill||null),a.dir=$e(a.dir,-1)});let N=i==2?S[1].facets[0].scale:S[0].scale,le={axes:$d,series:fd},ee=(t.drawOrder||["axes","series"]).map(a=>le[a]);function pe(a){let l=a.distr==3?d=>bn(d>0?d:a.clamp(n,d,a.min,a.max,a.key)):a.distr==4?d=>ba(d,a.asinh):a.distr==100?d=>a.fwd(d):d=>d;return d=>{let h=l(d),{_min:m,_max:b}=a,w=b-m;return(h-m)/w}}function Z(a){let l=E[a];if(l==null){let d=(t.scales||vi)[a]||vi;if(d.from!=null){Z(d.from);let h=Ye({},E[d.from],d,{key:a});h.valToPct=pe(h),E[a]=h}else{l=E[a]=Ye({},a==N?Pc:Vu,d),l.key=a;let h=l.time,m=l.range,b=Mn(m);if((a!=N||i==2&&!h)&&(b&&(m[0]==null||m[1]==null)&&(m={min:m[0]==null?Pl:{mode:1,hard:m[0],soft:m[0]},max:m[1]==null?Pl:{mode:1,hard:m[1],soft:m[1]}},b=!1),!b&&hr(m))){let w=m;m=(x,k,P)=>k==null?Os:lr(k,P,w)}l.range=he(m||(h?eh:a==N?l.distr==3?nh:l.distr==4?sh:jc:l.distr==3?Vc:l.distr==4?Ic:th)),l.auto=he(b?!1:l.auto),l.clamp=he(l.clamp||ju),l._min=l._max=null,l.valToPct=pe(l)}}}Z("x"),Z("y"),i==1&&S.forEach(a=>{Z(a.scale)}),F.forEach(a=>{Z(a.scale)});for(let a in t.scales)Z(a);let A=E[N],ie=A.distr,O,J;A.ori==0?(Rt(f,hp),O=r,J=o):(Rt(f,fp),O=o,J=r);let V={};for(let a in E){let l=E[a];(l.min!=null||l.max!=null)&&(V[a]={min:l.min,max:l.max},l.min=l.max=null)}let fe=t.tzDate||(a=>new Date(Ze(a/G))),H=t.fmtDate||Ha,wt=G==1?hu(fe):gu(fe),Oe=Vl(fe,jl(G==1?uu:mu,H)),ge=Fl(fe,Il(bu,H)),_e=[],ce=n.legend=Ye({},wu,t.legend),q=n.cursor=Ye({},Eu,{drag:{y:i==2}},t.cursor),Je=ce.show,ft=q.show,qe=ce.markers;ce.idxs=_e,qe.width=he(qe.width),qe.dash=he(qe.dash),qe.stroke=he(qe.stroke),qe.fill=he(qe.fill);let xe,Ut,St,He=[],en=[],un,Nt=!1,yn={};if(ce.live){let a=S[1]?S[1].values:null;Nt=a!=null,un=Nt?a(n,1,0):{_:0};for(let l in un)yn[l]=Da}if(Je)if(xe=Qt("table",Sp,f),St=Qt("tbody",null,xe),ce.mount(n,xe),Nt){Ut=Qt("thead",null,xe,St);let a=Qt("tr",null,Ut);Qt("th",null,a);for(var ls in un)Qt("th",vl,a).textContent=ls}else Rt(xe,Tp),ce.live&&Rt(xe,_p);let cs={show:!0},Us={show:!1};function Ci(a,l){if(l==0&&(Nt||!ce.live||i==2))return Os;let d=[],h=Qt("tr",Ep,St,St.childNodes[l]);Rt(h,a.class),a.show||Rt(h,ts);let m=Qt("th",null,h);if(qe.show){let x=Ft(Ap,m);if(l>0){let k=qe.width(n,l);k&&(x.style.border=k+"px "+qe.dash(n,l)+" "+qe.stroke(n,l)),x.style.background=qe.fill(n,l)}}let b=Ft(vl,m);a.label instanceof HTMLElement?b.appendChild(a.label):b.textContent=a.label,l>0&&(qe.show||(b.style.color=a.width>0?qe.stroke(n,l):qe.fill(n,l)),mt("click",m,x=>{if(q._lock)return;jn(x);let k=S.indexOf(a);if((x.ctrlKey||x.metaKey)!=ce.isolate){let P=S.some((R,L)=>L>0&&L!=k&&R.show);S.forEach((R,L)=>{L>0&&sn(L,P?L==k?cs:Us:cs,!0,Ue.setSeries)})}else sn(k,{show:!a.show},!0,Ue.setSeries)},!1),hs&&mt(wl,m,x=>{q._lock||(jn(x),sn(S.indexOf(a),_s,!0,Ue.setSeries))},!1));for(var w in un){let x=Qt("td",Mp,h);x.textContent="--",d.push(x)}return[h,d]}let Nn=new Map;function mt(a,l,d,h=!0){let m=Nn.get(l)||{},b=q.bind[a](n,l,d,h);b&&(ns(a,l,m[a]=b),Nn.set(l,m))}function ds(a,l,d){let h=Nn.get(l)||{};for(let m in h)(a==null||m==a)&&(_a(m,l,h[m]),delete h[m]);a==null&&Nn.delete(l)}let hn=0,On=0,ne=0,D=0,Ce=0,Ke=0,ps=Ce,qn=Ke,tn=ne,zn=D,_t=0,Ot=0,xt=0,Bt=0;n.bbox={};let kr=!1,Ri=!1,us=!1,Hn=!1,Di=!1,qt=!1;function Sr(a,l,d){(d||a!=n.width||l!=n.height)&&Qa(a,l),bs(!1),us=!0,Ri=!0,$s()}function Qa(a,l){n.width=hn=ne=a,n.height=On=D=l,Ce=Ke=0,od(),ld();let d=n.bbox;_t=d.left=Xn(Ce*we,.5),Ot=d.top=Xn(Ke*we,.5),xt=d.width=Xn(ne*we,.5),Bt=d.height=Xn(D*we,.5)}let id=3;function rd(){let a=!1,l=0;for(;!a;){l++;let d=vd(l),h=bd(l);a=l==id||d&&h,a||(Qa(n.width,n.height),Ri=!0)}}function ad({width:a,height:l}){Sr(a,l)}n.setSize=ad;function od(){let a=!1,l=!1,d=!1,h=!1;F.forEach((m,b)=>{if(m.show&&m._show){let{side:w,_size:x}=m,k=w%2,P=m.label!=null?m.labelSize:0,R=x+P;R>0&&(k?(ne-=R,w==3?(Ce+=R,h=!0):d=!0):(D-=R,w==0?(Ke+=R,a=!0):l=!0))}}),Vn[0]=a,Vn[1]=d,Vn[2]=l,Vn[3]=h,ne-=wn[1]+wn[3],Ce+=wn[3],D-=wn[2]+wn[0],Ke+=wn[0]}function ld(){let a=Ce+ne,l=Ke+D,d=Ce,h=Ke;function m(b,w){switch(b){case 1:return a+=w,a-w;case 2:return l+=w,l-w;case 3:return d-=w,d+w;case 0:return h-=w,h+w}}F.forEach((b,w)=>{if(b.show&&b._show){let x=b.side;b._pos=m(x,b._size),b.label!=null&&(b._lpos=m(x,b.labelSize))}})}if(q.dataIdx==null){let a=q.hover,l=a.skip=new Set(a.skip??[]);l.add(void 0);let d=a.prox=he(a.prox),h=a.bias??=0;q.dataIdx=(m,b,w,x)=>{if(b==0)return w;let k=w,P=d(m,b,w,x)??Me,R=P>=0&&P<Me,L=A.ori==0?ne:D,K=q.left,ye=s[0],ve=s[b];if(l.has(ve[w])){k=null;let de=null,B=null,z;if(h==0||h==-1)for(z=w;de==null&&z-- >0;)l.has(ve[z])||(de=z);if(h==0||h==1)for(z=w;B==null&&z++<ve.length;)l.has(ve[z])||(B=z);if(de!=null||B!=null)if(R){let Le=de==null?-1/0:O(ye[de],A,L,0),Ve=B==null?1/0:O(ye[B],A,L,0),rt=K-Le,Te=Ve-K;rt<=Te?rt<=P&&(k=de):Te<=P&&(k=B)}else k=B==null?de:de==null?B:w-de<=B-w?de:B}else R&&Xe(K-O(ye[w],A,L,0))>P&&(k=null);return k}}let jn=a=>{q.event=a};q.idxs=_e,q._lock=!1;let pt=q.points;pt.show=he(pt.show),pt.size=he(pt.size),pt.stroke=he(pt.stroke),pt.width=he(pt.width),pt.fill=he(pt.fill);let nn=n.focus=Ye({},t.focus||{alpha:.3},q.focus),hs=nn.prox>=0,fs=hs&&pt.one,zt=[],ms=[],gs=[];function Za(a,l){let d=pt.show(n,l);if(d instanceof HTMLElement)return Rt(d,kp),Rt(d,a.class),pn(d,-10,-10,ne,D),C.insertBefore(d,zt[l]),d}function Xa(a,l){if(i==1||l>0){let d=i==1&&E[a.scale].time,h=a.value;a.value=d?Ol(h)?Fl(fe,Il(h,H)):h||ge:h||qu,a.label=a.label||(d?Mu:Au)}if(fs||l>0){a.width=a.width==null?1:a.width,a.paths=a.paths||Qu||Vp,a.fillTo=he(a.fillTo||Iu),a.pxAlign=+$e(a.pxAlign,I),a.pxRound=Zl(a.pxAlign),a.stroke=he(a.stroke||null),a.fill=he(a.fill||null),a._stroke=a._fill=a._paths=a._focus=null;let d=zu(yt(1,a.width),1),h=a.points=Ye({},{size:d,width:yt(1,d*.2),stroke:a.stroke,space:d*2,paths:Zu,_stroke:null,_fill:null},a.points);h.show=he(h.show),h.filter=he(h.filter),h.fill=he(h.fill),h.stroke=he(h.stroke),h.paths=he(h.paths),h.pxAlign=a.pxAlign}if(Je){let d=Ci(a,l);He.splice(l,0,d[0]),en.splice(l,0,d[1]),ce.values.push(null)}if(ft){_e.splice(l,0,null);let d=null;fs?l==0&&(d=Za(a,l)):l>0&&(d=Za(a,l)),zt.splice(l,0,d),ms.splice(l,0,0),gs.splice(l,0,0)}it("addSeries",l)}function cd(a,l){l=l??S.length,a=i==1?Ca(a,l,Ul,Kl):Ca(a,l,{},Jl),S.splice(l,0,a),Xa(S[l],l)}n.addSeries=cd;function dd(a){if(S.splice(a,1),Je){ce.values.splice(a,1),en.splice(a,1);let l=He.splice(a,1)[0];ds(null,l.firstChild),l.remove()}ft&&(_e.splice(a,1),zt.splice(a,1)[0].remove(),ms.splice(a,1),gs.splice(a,1)),it("delSeries",a)}n.delSeries=dd;let Vn=[!1,!1,!1,!1];function pd(a,l){if(a._show=a.show,a.show){let d=a.side%2,h=E[a.scale];h==null&&(a.scale=d?S[1].scale:N,h=E[a.scale]);let m=h.time;a.size=he(a.size),a.space=he(a.space),a.rotate=he(a.rotate),Mn(a.incrs)&&a.incrs.forEach(w=>{!Pn.has(w)&&Pn.set(w,pc(w))}),a.incrs=he(a.incrs||(h.distr==2?cu:m?G==1?pu:fu:es)),a.splits=he(a.splits||(m&&h.distr==1?wt:h.distr==3?Ea:h.distr==4?Ru:Cu)),a.stroke=he(a.stroke),a.grid.stroke=he(a.grid.stroke),a.ticks.stroke=he(a.ticks.stroke),a.border.stroke=he(a.border.stroke);let b=a.values;a.values=Mn(b)&&!Mn(b[0])?he(b):m?Mn(b)?Vl(fe,jl(b,H)):Ol(b)?vu(fe,b):b||Oe:b||Pu,a.filter=he(a.filter||(h.distr>=3&&h.log==10?Nu:h.distr==3&&h.log==2?Ou:cc)),a.font=nc(a.font),a.labelFont=nc(a.labelFont),a._size=a.size(n,null,l,0),a._space=a._rotate=a._incrs=a._found=a._splits=a._values=null,a._size>0&&(Vn[l]=!0,a._el=Ft($p,y))}}function Bs(a,l,d,h){let[m,b,w,x]=d,k=l%2,P=0;return k==0&&(x||b)&&(P=l==0&&!m||l==2&&!w?Ze(Wl.size/3):0),k==1&&(m||w)&&(P=l==1&&!b||l==3&&!x?Ze(Gl.size/2):0),P}let eo=n.padding=(t.padding||[Bs,Bs,Bs,Bs]).map(a=>he($e(a,Bs))),wn=n._padding=eo.map((a,l)=>a(n,l,Vn,0)),ot,et=null,tt=null,Li=i==1?S[0].idxs:null,Gt=null,Gs=!1;function to(a,l){if(s=a??[],n.data=n._data=s,i==2){ot=0;for(let d=1;d<S.length;d++)ot+=s[d][0].length}else{s.length==0&&(n.data=n._data=s=[[]]),Gt=s[0],ot=Gt.length;let d=s;if(ie==2){d=s.slice();let h=d[0]=Array(ot);for(let m=0;m<ot;m++)h[m]=m}n._data=s=d}if(bs(!0),it("setData"),ie==2&&(us=!0),l!==!1){let d=A;d.auto(n,Gs)?_r():kn(N,d.min,d.max),Hn=Hn||q.left>=0,qt=!0,$s()}}n.setData=to;function _r(){Gs=!0;let a,l;i==1&&(ot>0?(et=Li[0]=0,tt=Li[1]=ot-1,a=s[0][et],l=s[0][tt],ie==2?(a=et,l=tt):a==l&&(ie==3?[a,l]=pr(a,a,A.log,!1):ie==4?[a,l]=Na(a,a,A.log,!1):A.time?l=a+Ze(86400/G):[a,l]=lr(a,l,Oa,!0))):(et=Li[0]=a=null,tt=Li[1]=l=null)),kn(N,a,l)}let Ni,vs,Tr,Er,Ar,Mr,Pr,Cr,Rr,kt;function no(a,l,d,h,m,b){a??=$l,d??=za,h??="butt",m??=$l,b??="round",a!=Ni&&(g.strokeStyle=Ni=a),m!=vs&&(g.fillStyle=vs=m),l!=Tr&&(g.lineWidth=Tr=l),b!=Ar&&(g.lineJoin=Ar=b),h!=Mr&&(g.lineCap=Mr=h),d!=Er&&g.setLineDash(Er=d)}function so(a,l,d,h){l!=vs&&(g.fillStyle=vs=l),a!=Pr&&(g.font=Pr=a),d!=Cr&&(g.textAlign=Cr=d),h!=Rr&&(g.textBaseline=Rr=h)}function Dr(a,l,d,h,m=0){if(h.length>0&&a.auto(n,Gs)&&(l==null||l.min==null)){let b=$e(et,0),w=$e(tt,h.length-1),x=d.min==null?Np(h,b,w,m,a.distr==3):[d.min,d.max];a.min=Xt(a.min,d.min=x[0]),a.max=yt(a.max,d.max=x[1])}}let io={min:null,max:null};function ud(){for(let h in E){let m=E[h];V[h]==null&&(m.min==null||V[N]!=null&&m.auto(n,Gs))&&(V[h]=io)}for(let h in E){let m=E[h];V[h]==null&&m.from!=null&&V[m.from]!=null&&(V[h]=io)}V[N]!=null&&bs(!0);let a={};for(let h in V){let m=V[h];if(m!=null){let b=a[h]=qs(E[h],Wp);if(m.min!=null)Ye(b,m);else if(h!=N||i==2)if(ot==0&&b.from==null){let w=b.range(n,null,null,h);b.min=w[0],b.max=w[1]}else b.min=Me,b.max=-Me}}if(ot>0){S.forEach((h,m)=>{if(i==1){let b=h.scale,w=V[b];if(w==null)return;let x=a[b];if(m==0){let k=x.range(n,x.min,x.max,b);x.min=k[0],x.max=k[1],et=Zt(x.min,s[0]),tt=Zt(x.max,s[0]),tt-et>1&&(s[0][et]<x.min&&et++,s[0][tt]>x.max&&tt--),h.min=Gt[et],h.max=Gt[tt]}else h.show&&h.auto&&Dr(x,w,h,s[m],h.sorted);h.idxs[0]=et,h.idxs[1]=tt}else if(m>0&&h.show&&h.auto){let[b,w]=h.facets,x=b.scale,k=w.scale,[P,R]=s[m],L=a[x],K=a[k];L!=null&&Dr(L,V[x],b,P,b.sorted),K!=null&&Dr(K,V[k],w,R,w.sorted),h.min=w.min,h.max=w.max}});for(let h in a){let m=a[h],b=V[h];if(m.from==null&&(b==null||b.min==null)){let w=m.range(n,m.min==Me?null:m.min,m.max==-Me?null:m.max,h);m.min=w[0],m.max=w[1]}}}for(let h in a){let m=a[h];if(m.from!=null){let b=a[m.from];if(b.min==null)m.min=m.max=null;else{let w=m.range(n,b.min,b.max,h);m.min=w[0],m.max=w[1]}}}let l={},d=!1;for(let h in a){let m=a[h],b=E[h];if(b.min!=m.min||b.max!=m.max){b.min=m.min,b.max=m.max;let w=b.distr;b._min=w==3?bn(b.min):w==4?ba(b.min,b.asinh):w==100?b.fwd(b.min):b.min,b._max=w==3?bn(b.max):w==4?ba(b.max,b.asinh):w==100?b.fwd(b.max):b.max,l[h]=d=!0}}if(d){S.forEach((h,m)=>{i==2?m>0&&l.y&&(h._paths=null):l[h.scale]&&(h._paths=null)});for(let h in l)us=!0,it("setScale",h);ft&&q.left>=0&&(Hn=qt=!0)}for(let h in V)V[h]=null}function hd(a){let l=Ta(et-1,0,ot-1),d=Ta(tt+1,0,ot-1);for(;a[l]==null&&l>0;)l--;for(;a[d]==null&&d<ot-1;)d++;return[l,d]}function fd(){if(ot>0){let a=S.some(l=>l._focus)&&kt!=nn.alpha;a&&(g.globalAlpha=kt=nn.alpha),S.forEach((l,d)=>{if(d>0&&l.show&&(ro(d,!1),ro(d,!0),l._paths==null)){let h=kt;kt!=l.alpha&&(g.globalAlpha=kt=l.alpha);let m=i==2?[0,s[d][0].length-1]:hd(s[d]);l._paths=l.paths(n,d,m[0],m[1]),kt!=h&&(g.globalAlpha=kt=h)}}),S.forEach((l,d)=>{if(d>0&&l.show){let h=kt;kt!=l.alpha&&(g.globalAlpha=kt=l.alpha),l._paths!=null&&ao(d,!1);{let m=l._paths!=null?l._paths.gaps:null,b=l.points.show(n,d,et,tt,m),w=l.points.filter(n,d,b,m);(b||w)&&(l.points._paths=l.points.paths(n,d,et,tt,w),ao(d,!0))}kt!=h&&(g.globalAlpha=kt=h),it("drawSeries",d)}}),a&&(g.globalAlpha=kt=1)}}function ro(a,l){let d=l?S[a].points:S[a];d._stroke=d.stroke(n,a),d._fill=d.fill(n,a)}function ao(a,l){let d=l?S[a].points:S[a],{stroke:h,fill:m,clip:b,flags:w,_stroke:x=d._stroke,_fill:k=d._fill,_width:P=d.width}=d._paths;P=Pe(P*we,3);let R=null,L=P%2/2;l&&k==null&&(k=P>0?"#fff":x);let K=d.pxAlign==1&&L>0;if(K&&g.translate(L,L),!l){let ye=_t-P/2,ve=Ot-P/2,de=xt+P,B=Bt+P;R=new Path2D,R.rect(ye,ve,de,B)}l?Lr(x,P,d.dash,d.cap,k,h,m,w,b):md(a,x,P,d.dash,d.cap,k,h,m,w,R,b),K&&g.translate(-L,-L)}function md(a,l,d,h,m,b,w,x,k,P,R){let L=!1;k!=0&&re.forEach((K,ye)=>{if(K.series[0]==a){let ve=S[K.series[1]],de=s[K.series[1]],B=(ve._paths||vi).band;Mn(B)&&(B=K.dir==1?B[0]:B[1]);let z,Le=null;ve.show&&B&&qp(de,et,tt)?(Le=K.fill(n,ye)||b,z=ve._paths.clip):B=null,Lr(l,d,h,m,Le,w,x,k,P,R,z,B),L=!0}}),L||Lr(l,d,h,m,b,w,x,k,P,R)}let oo=zs|Ma;function Lr(a,l,d,h,m,b,w,x,k,P,R,L){no(a,l,d,h,m),(k||P||L)&&(g.save(),k&&g.clip(k),P&&g.clip(P)),L?(x&oo)==oo?(g.clip(L),R&&g.clip(R),qi(m,w),Oi(a,b,l)):x&Ma?(qi(m,w),g.clip(L),Oi(a,b,l)):x&zs&&(g.save(),g.clip(L),R&&g.clip(R),qi(m,w),g.restore(),Oi(a,b,l)):(qi(m,w),Oi(a,b,l)),(k||P||L)&&g.restore()}function Oi(a,l,d){d>0&&(l instanceof Map?l.forEach((h,m)=>{g.strokeStyle=Ni=m,g.stroke(h)}):l!=null&&a&&g.stroke(l))}function qi(a,l){l instanceof Map?l.forEach((d,h)=>{g.fillStyle=vs=h,g.fill(d)}):l!=null&&a&&g.fill(l)}function gd(a,l,d,h){let m=F[a],b;if(h<=0)b=[0,0];else{let w=m._space=m.space(n,a,l,d,h),x=m._incrs=m.incrs(n,a,l,d,h,w);b=ih(l,d,x,h,w)}return m._found=b}function Nr(a,l,d,h,m,b,w,x,k,P){let R=w%2/2;I==1&&g.translate(R,R),no(x,w,k,P,x),g.beginPath();let L,K,ye,ve,de=m+(h==0||h==3?-b:b);d==0?(K=m,ve=de):(L=m,ye=de);for(let B=0;B<a.length;B++)l[B]!=null&&(d==0?L=ye=a[B]:K=ve=a[B],g.moveTo(L,K),g.lineTo(ye,ve));g.stroke(),I==1&&g.translate(-R,-R)}function vd(a){let l=!0;return F.forEach((d,h)=>{if(!d.show)return;let m=E[d.scale];if(m.min==null){d._show&&(l=!1,d._show=!1,bs(!1));return}else d._show||(l=!1,d._show=!0,bs(!1));let b=d.side,w=b%2,{min:x,max:k}=m,[P,R]=gd(h,x,k,w==0?ne:D);if(R==0)return;let L=m.distr==2,K=d._splits=d.splits(n,h,x,k,P,R,L),ye=m.distr==2?K.map(z=>Gt[z]):K,ve=m.distr==2?Gt[K[1]]-Gt[K[0]]:P,de=d._values=d.values(n,d.filter(n,ye,h,R,ve),h,R,ve);d._rotate=b==2?d.rotate(n,de,h,R):0;let B=d._size;d._size=Wt(d.size(n,de,h,a)),B!=null&&d._size!=B&&(l=!1)}),l}function bd(a){let l=!0;return eo.forEach((d,h)=>{let m=d(n,h,Vn,a);m!=wn[h]&&(l=!1),wn[h]=m}),l}function $d(){for(let a=0;a<F.length;a++){let l=F[a];if(!l.show||!l._show)continue;let d=l.side,h=d%2,m,b,w=l.stroke(n,a),x=d==0||d==3?-1:1,[k,P]=l._found;if(l.label!=null){let vt=l.labelGap*x,At=Ze((l._lpos+vt)*we);so(l.labelFont[0],w,"center",d==2?"top":bl),g.save(),h==1?(m=b=0,g.translate(At,Ze(Ot+Bt/2)),g.rotate((d==3?-ar:ar)/2)):(m=Ze(_t+xt/2),b=At);let Wn=oc(l.label)?l.label(n,a,k,P):l.label;g.fillText(Wn,m,b),g.restore()}if(P==0)continue;let R=E[l.scale],L=h==0?xt:Bt,K=h==0?_t:Ot,ye=l._splits,ve=R.distr==2?ye.map(vt=>Gt[vt]):ye,de=R.distr==2?Gt[ye[1]]-Gt[ye[0]]:k,B=l.ticks,z=l.border,Le=B.show?B.size:0,Ve=Ze(Le*we),rt=Ze((l.alignTo==2?l._size-Le-l.gap:l.gap)*we),Te=l._rotate*-ar/180,Ie=U(l._pos*we),Tt=(Ve+rt)*x,gt=Ie+Tt;b=h==0?gt:0,m=h==1?gt:0;let Ht=l.font[0],Yt=l.align==1?Rs:l.align==2?ma:Te>0?Rs:Te<0?ma:h==0?"center":d==3?ma:Rs,an=Te||h==1?"middle":d==2?"top":bl;so(Ht,w,Yt,an);let Et=l.font[1]*l.lineGap,jt=ye.map(vt=>U(u(vt,R,L,K))),Jt=l._values;for(let vt=0;vt<Jt.length;vt++){let At=Jt[vt];if(At!=null){h==0?m=jt[vt]:b=jt[vt],At=""+At;let Wn=At.indexOf(`
`)==-1?[At]:At.split(/\n/gm);for(let bt=0;bt<Wn.length;bt++){let Eo=Wn[bt];Te?(g.save(),g.translate(m,b+bt*Et),g.rotate(Te),g.fillText(Eo,0,0),g.restore()):g.fillText(Eo,m,b+bt*Et)}}}B.show&&Nr(jt,B.filter(n,ve,a,P,de),h,d,Ie,Ve,Pe(B.width*we,3),B.stroke(n,a),B.dash,B.cap);let on=l.grid;on.show&&Nr(jt,on.filter(n,ve,a,P,de),h,h==0?2:1,h==0?Ot:_t,h==0?Bt:xt,Pe(on.width*we,3),on.stroke(n,a),on.dash,on.cap),z.show&&Nr([Ie],[1],h==0?1:0,h==0?1:2,h==1?Ot:_t,h==1?Bt:xt,Pe(z.width*we,3),z.stroke(n,a),z.dash,z.cap)}it("drawAxes")}function bs(a){S.forEach((l,d)=>{d>0&&(l._paths=null,a&&(i==1?(l.min=null,l.max=null):l.facets.forEach(h=>{h.min=null,h.max=null})))})}let zi=!1,Or=!1,Ys=[];function yd(){Or=!1;for(let a=0;a<Ys.length;a++)it(...Ys[a]);Ys.length=0}function $s(){zi||(Qp(lo),zi=!0)}function wd(a,l=!1){zi=!0,Or=l,a(n),lo(),l&&Ys.length>0&&queueMicrotask(yd)}n.batch=wd;function lo(){if(kr&&(ud(),kr=!1),us&&(rd(),us=!1),Ri){if(Ne(M,Rs,Ce),Ne(M,"top",Ke),Ne(M,hi,ne),Ne(M,fi,D),Ne(C,Rs,Ce),Ne(C,"top",Ke),Ne(C,hi,ne),Ne(C,fi,D),Ne(y,hi,hn),Ne(y,fi,On),v.width=Ze(hn*we),v.height=Ze(On*we),F.forEach(({_el:a,_show:l,_size:d,_pos:h,side:m})=>{if(a!=null)if(l){let b=m===3||m===0?d:0,w=m%2==1;Ne(a,w?"left":"top",h-b),Ne(a,w?"width":"height",d),Ne(a,w?"top":"left",w?Ke:Ce),Ne(a,w?"height":"width",w?D:ne),Sa(a,ts)}else Rt(a,ts)}),Ni=vs=Tr=Ar=Mr=Pr=Cr=Rr=Er=null,kt=1,Qs(!0),Ce!=ps||Ke!=qn||ne!=tn||D!=zn){bs(!1);let a=ne/tn,l=D/zn;if(ft&&!Hn&&q.left>=0){q.left*=a,q.top*=l,ys&&pn(ys,Ze(q.left),0,ne,D),ws&&pn(ws,0,Ze(q.top),ne,D);for(let d=0;d<zt.length;d++){let h=zt[d];h!=null&&(ms[d]*=a,gs[d]*=l,pn(h,Wt(ms[d]),Wt(gs[d]),ne,D))}}if(De.show&&!Di&&De.left>=0&&De.width>0){De.left*=a,De.width*=a,De.top*=l,De.height*=l;for(let d in Ir)Ne(Ss,d,De[d])}ps=Ce,qn=Ke,tn=ne,zn=D}it("setSize"),Ri=!1}hn>0&&On>0&&(g.clearRect(0,0,v.width,v.height),it("drawClear"),ee.forEach(a=>a()),it("draw")),De.show&&Di&&(Hi(De),Di=!1),ft&&Hn&&(Fn(null,!0,!1),Hn=!1),ce.show&&ce.live&&qt&&(jr(),qt=!1),p||(p=!0,n.status=1,it("ready")),Gs=!1,zi=!1}n.redraw=(a,l)=>{us=l||!1,a!==!1?kn(N,A.min,A.max):$s()};function qr(a,l){let d=E[a];if(d.from==null){if(ot==0){let h=d.range(n,l.min,l.max,a);l.min=h[0],l.max=h[1]}if(l.min>l.max){let h=l.min;l.min=l.max,l.max=h}if(ot>1&&l.min!=null&&l.max!=null&&l.max-l.min<1e-16)return;a==N&&d.distr==2&&ot>0&&(l.min=Zt(l.min,s[0]),l.max=Zt(l.max,s[0]),l.min==l.max&&l.max++),V[a]=l,kr=!0,$s()}}n.setScale=qr;let zr,Hr,ys,ws,co,po,xs,ks,uo,ho,Re,ze,xn=!1,lt=q.drag,nt=lt.x,st=lt.y;ft&&(q.x&&(zr=Ft(wp,C)),q.y&&(Hr=Ft(xp,C)),A.ori==0?(ys=zr,ws=Hr):(ys=Hr,ws=zr),Re=q.left,ze=q.top);let De=n.select=Ye({show:!0,over:!0,left:0,width:0,top:0,height:0},t.select),Ss=De.show?Ft(yp,De.over?C:M):null;function Hi(a,l){if(De.show){for(let d in a)De[d]=a[d],d in Ir&&Ne(Ss,d,a[d]);l!==!1&&it("setSelect")}}n.setSelect=Hi;function xd(a){if(S[a].show)Je&&Sa(He[a],ts);else if(Je&&Rt(He[a],ts),ft){let d=fs?zt[0]:zt[a];d!=null&&pn(d,-10,-10,ne,D)}}function kn(a,l,d){qr(a,{min:l,max:d})}function sn(a,l,d,h){l.focus!=null&&Ed(a),l.show!=null&&S.forEach((m,b)=>{b>0&&(a==b||a==null)&&(m.show=l.show,xd(b),i==2?(kn(m.facets[0].scale,null,null),kn(m.facets[1].scale,null,null)):kn(m.scale,null,null),$s())}),d!==!1&&it("setSeries",a,l),h&&Zs("setSeries",n,a,l)}n.setSeries=sn;function kd(a,l){Ye(re[a],l)}function Sd(a,l){a.fill=he(a.fill||null),a.dir=$e(a.dir,-1),l=l??re.length,re.splice(l,0,a)}function _d(a){a==null?re.length=0:re.splice(a,1)}n.addBand=Sd,n.setBand=kd,n.delBand=_d;function Td(a,l){S[a].alpha=l,ft&&zt[a]!=null&&(zt[a].style.opacity=l),Je&&He[a]&&(He[a].style.opacity=l)}let fn,Sn,In,_s={focus:!0};function Ed(a){if(a!=In){let l=a==null,d=nn.alpha!=1;S.forEach((h,m)=>{if(i==1||m>0){let b=l||m==0||m==a;h._focus=l?null:b,d&&Td(m,b?1:nn.alpha)}}),In=a,d&&$s()}}Je&&hs&&mt(xl,xe,a=>{q._lock||(jn(a),In!=null&&sn(null,_s,!0,Ue.setSeries))});function rn(a,l,d){let h=E[l];d&&(a=a/we-(h.ori==1?Ke:Ce));let m=ne;h.ori==1&&(m=D,a=m-a),h.dir==-1&&(a=m-a);let b=h._min,w=h._max,x=a/m,k=b+(w-b)*x,P=h.distr;return P==3?Ns(10,k):P==4?Hp(k,h.asinh):P==100?h.bwd(k):k}function Ad(a,l){let d=rn(a,N,l);return Zt(d,s[0],et,tt)}n.valToIdx=a=>Zt(a,s[0]),n.posToIdx=Ad,n.posToVal=rn,n.valToPos=(a,l,d)=>E[l].ori==0?r(a,E[l],d?xt:ne,d?_t:0):o(a,E[l],d?Bt:D,d?Ot:0),n.setCursor=(a,l,d)=>{Re=a.left,ze=a.top,Fn(null,l,d)};function fo(a,l){Ne(Ss,Rs,De.left=a),Ne(Ss,hi,De.width=l)}function mo(a,l){Ne(Ss,"top",De.top=a),Ne(Ss,fi,De.height=l)}let Js=A.ori==0?fo:mo,Ks=A.ori==1?fo:mo;function Md(){if(Je&&ce.live)for(let a=i==2?1:0;a<S.length;a++){if(a==0&&Nt)continue;let l=ce.values[a],d=0;for(let h in l)en[a][d++].firstChild.nodeValue=l[h]}}function jr(a,l){if(a!=null&&(a.idxs?a.idxs.forEach((d,h)=>{_e[h]=d}):Fp(a.idx)||_e.fill(a.idx),ce.idx=_e[0]),Je&&ce.live){for(let d=0;d<S.length;d++)(d>0||i==1&&!Nt)&&Pd(d,_e[d]);Md()}qt=!1,l!==!1&&it("setLegend")}n.setLegend=jr;function Pd(a,l){let d=S[a],h=a==0&&ie==2?Gt:s[a],m;Nt?m=d.values(n,a,l)??yn:(m=d.value(n,l==null?null:h[l],a,l),m=m==null?yn:{_:m}),ce.values[a]=m}function Fn(a,l,d){uo=Re,ho=ze,[Re,ze]=q.move(n,Re,ze),q.left=Re,q.top=ze,ft&&(ys&&pn(ys,Ze(Re),0,ne,D),ws&&pn(ws,0,Ze(ze),ne,D));let h,m=et>tt;fn=Me,Sn=null;let b=A.ori==0?ne:D,w=A.ori==1?ne:D;if(Re<0||ot==0||m){h=q.idx=null;for(let x=0;x<S.length;x++){let k=zt[x];k!=null&&pn(k,-10,-10,ne,D)}hs&&sn(null,_s,!0,a==null&&Ue.setSeries),ce.live&&(_e.fill(h),qt=!0)}else{let x,k,P;i==1&&(x=A.ori==0?Re:ze,k=rn(x,N),h=q.idx=Zt(k,s[0],et,tt),P=O(s[0][h],A,b,0));let R=-10,L=-10,K=0,ye=0,ve=!0,de="",B="";for(let z=i==2?1:0;z<S.length;z++){let Le=S[z],Ve=_e[z],rt=Ve==null?null:i==1?s[z][Ve]:s[z][1][Ve],Te=q.dataIdx(n,z,h,k),Ie=Te==null?null:i==1?s[z][Te]:s[z][1][Te];if(qt=qt||Ie!=rt||Te!=Ve,_e[z]=Te,z>0&&Le.show){let Tt=Te==null?-10:Te==h?P:O(i==1?s[0][Te]:s[z][0][Te],A,b,0),gt=Ie==null?-10:J(Ie,i==1?E[Le.scale]:E[Le.facets[1].scale],w,0);if(hs&&Ie!=null){let Ht=A.ori==1?Re:ze,Yt=Xe(nn.dist(n,z,Te,gt,Ht));if(Yt<fn){let an=nn.bias;if(an!=0){let Et=rn(Ht,Le.scale),jt=Ie>=0?1:-1,Jt=Et>=0?1:-1;Jt==jt&&(Jt==1?an==1?Ie>=Et:Ie<=Et:an==1?Ie<=Et:Ie>=Et)&&(fn=Yt,Sn=z)}else fn=Yt,Sn=z}}if(qt||fs){let Ht,Yt;A.ori==0?(Ht=Tt,Yt=gt):(Ht=gt,Yt=Tt);let an,Et,jt,Jt,on,vt,At=!0,Wn=pt.bbox;if(Wn!=null){At=!1;let bt=Wn(n,z);jt=bt.left,Jt=bt.top,an=bt.width,Et=bt.height}else jt=Ht,Jt=Yt,an=Et=pt.size(n,z);if(vt=pt.fill(n,z),on=pt.stroke(n,z),fs)z==Sn&&fn<=nn.prox&&(R=jt,L=Jt,K=an,ye=Et,ve=At,de=vt,B=on);else{let bt=zt[z];bt!=null&&(ms[z]=jt,gs[z]=Jt,Ml(bt,an,Et,At),El(bt,vt,on),pn(bt,Wt(jt),Wt(Jt),ne,D))}}}}if(fs){let z=nn.prox,Le=In==null?fn<=z:fn>z||Sn!=In;if(qt||Le){let Ve=zt[0];Ve!=null&&(ms[0]=R,gs[0]=L,Ml(Ve,K,ye,ve),El(Ve,de,B),pn(Ve,Wt(R),Wt(L),ne,D))}}}if(De.show&&xn)if(a!=null){let[x,k]=Ue.scales,[P,R]=Ue.match,[L,K]=a.cursor.sync.scales,ye=a.cursor.drag;if(nt=ye._x,st=ye._y,nt||st){let{left:ve,top:de,width:B,height:z}=a.select,Le=a.scales[L].ori,Ve=a.posToVal,rt,Te,Ie,Tt,gt,Ht=x!=null&&P(x,L),Yt=k!=null&&R(k,K);Ht&&nt?(Le==0?(rt=ve,Te=B):(rt=de,Te=z),Ie=E[x],Tt=O(Ve(rt,L),Ie,b,0),gt=O(Ve(rt+Te,L),Ie,b,0),Js(Xt(Tt,gt),Xe(gt-Tt))):Js(0,b),Yt&&st?(Le==1?(rt=ve,Te=B):(rt=de,Te=z),Ie=E[k],Tt=J(Ve(rt,K),Ie,w,0),gt=J(Ve(rt+Te,K),Ie,w,0),Ks(Xt(Tt,gt),Xe(gt-Tt))):Ks(0,w)}else Fr()}else{let x=Xe(uo-co),k=Xe(ho-po);if(A.ori==1){let K=x;x=k,k=K}nt=lt.x&&x>=lt.dist,st=lt.y&&k>=lt.dist;let P=lt.uni;P!=null?nt&&st&&(nt=x>=P,st=k>=P,!nt&&!st&&(k>x?st=!0:nt=!0)):lt.x&&lt.y&&(nt||st)&&(nt=st=!0);let R,L;nt&&(A.ori==0?(R=xs,L=Re):(R=ks,L=ze),Js(Xt(R,L),Xe(L-R)),st||Ks(0,w)),st&&(A.ori==1?(R=xs,L=Re):(R=ks,L=ze),Ks(Xt(R,L),Xe(L-R)),nt||Js(0,b)),!nt&&!st&&(Js(0,0),Ks(0,0))}if(lt._x=nt,lt._y=st,a==null){if(d){if(To!=null){let[x,k]=Ue.scales;Ue.values[0]=x!=null?rn(A.ori==0?Re:ze,x):null,Ue.values[1]=k!=null?rn(A.ori==1?Re:ze,k):null}Zs(ga,n,Re,ze,ne,D,h)}if(hs){let x=d&&Ue.setSeries,k=nn.prox;In==null?fn<=k&&sn(Sn,_s,!0,x):fn>k?sn(null,_s,!0,x):Sn!=In&&sn(Sn,_s,!0,x)}}qt&&(ce.idx=h,jr()),l!==!1&&it("setCursor")}let _n=null;Object.defineProperty(n,"rect",{get(){return _n==null&&Qs(!1),_n}});function Qs(a=!1){a?_n=null:(_n=C.getBoundingClientRect(),it("syncRect",_n))}function go(a,l,d,h,m,b,w){q._lock||xn&&a!=null&&a.movementX==0&&a.movementY==0||(Vr(a,l,d,h,m,b,w,!1,a!=null),a!=null?Fn(null,!0,!0):Fn(l,!0,!1))}function Vr(a,l,d,h,m,b,w,x,k){if(_n==null&&Qs(!1),jn(a),a!=null)d=a.clientX-_n.left,h=a.clientY-_n.top;else{if(d<0||h<0){Re=-10,ze=-10;return}let[P,R]=Ue.scales,L=l.cursor.sync,[K,ye]=L.values,[ve,de]=L.scales,[B,z]=Ue.match,Le=l.axes[0].side%2==1,Ve=A.ori==0?ne:D,rt=A.ori==1?ne:D,Te=Le?b:m,Ie=Le?m:b,Tt=Le?h:d,gt=Le?d:h;if(ve!=null?d=B(P,ve)?u(K,E[P],Ve,0):-10:d=Ve*(Tt/Te),de!=null?h=z(R,de)?u(ye,E[R],rt,0):-10:h=rt*(gt/Ie),A.ori==1){let Ht=d;d=h,h=Ht}}k&&(l==null||l.cursor.event.type==ga)&&((d<=1||d>=ne-1)&&(d=Xn(d,ne)),(h<=1||h>=D-1)&&(h=Xn(h,D))),x?(co=d,po=h,[xs,ks]=q.move(n,d,h)):(Re=d,ze=h)}let Ir={width:0,height:0,left:0,top:0};function Fr(){Hi(Ir,!1)}let vo,bo,$o,yo;function wo(a,l,d,h,m,b,w){xn=!0,nt=st=lt._x=lt._y=!1,Vr(a,l,d,h,m,b,w,!0,!1),a!=null&&(mt(va,xa,xo,!1),Zs(yl,n,xs,ks,ne,D,null));let{left:x,top:k,width:P,height:R}=De;vo=x,bo=k,$o=P,yo=R}function xo(a,l,d,h,m,b,w){xn=lt._x=lt._y=!1,Vr(a,l,d,h,m,b,w,!1,!0);let{left:x,top:k,width:P,height:R}=De,L=P>0||R>0,K=vo!=x||bo!=k||$o!=P||yo!=R;if(L&&K&&Hi(De),lt.setScale&&L&&K){let ye=x,ve=P,de=k,B=R;if(A.ori==1&&(ye=k,ve=R,de=x,B=P),nt&&kn(N,rn(ye,N),rn(ye+ve,N)),st)for(let z in E){let Le=E[z];z!=N&&Le.from==null&&Le.min!=Me&&kn(z,rn(de+B,z),rn(de,z))}Fr()}else q.lock&&(q._lock=!q._lock,Fn(l,!0,a!=null));a!=null&&(ds(va,xa),Zs(va,n,Re,ze,ne,D,null))}function Cd(a,l,d,h,m,b,w){if(q._lock)return;jn(a);let x=xn;if(xn){let k=!0,P=!0,R=10,L,K;A.ori==0?(L=nt,K=st):(L=st,K=nt),L&&K&&(k=Re<=R||Re>=ne-R,P=ze<=R||ze>=D-R),L&&k&&(Re=Re<xs?0:ne),K&&P&&(ze=ze<ks?0:D),Fn(null,!0,!0),xn=!1}Re=-10,ze=-10,_e.fill(null),Fn(null,!0,!0),x&&(xn=x)}function ko(a,l,d,h,m,b,w){q._lock||(jn(a),_r(),Fr(),a!=null&&Zs(kl,n,Re,ze,ne,D,null))}function So(){F.forEach(rh),Sr(n.width,n.height,!0)}ns(or,Ls,So);let Ts={};Ts.mousedown=wo,Ts.mousemove=go,Ts.mouseup=xo,Ts.dblclick=ko,Ts.setSeries=(a,l,d,h)=>{let m=Ue.match[2];d=m(n,l,d),d!=-1&&sn(d,h,!0,!1)},ft&&(mt(yl,C,wo),mt(ga,C,go),mt(wl,C,a=>{jn(a),Qs(!1)}),mt(xl,C,Cd),mt(kl,C,ko),Pa.add(n),n.syncRect=Qs);let ji=n.hooks=t.hooks||{};function it(a,l,d){Or?Ys.push([a,l,d]):a in ji&&ji[a].forEach(h=>{h.call(null,n,l,d)})}(t.plugins||[]).forEach(a=>{for(let l in a.hooks)ji[l]=(ji[l]||[]).concat(a.hooks[l])});let _o=(a,l,d)=>d,Ue=Ye({key:null,setSeries:!1,filters:{pub:Ll,sub:Ll},scales:[N,S[1]?S[1].scale:null],match:[Nl,Nl,_o],values:[null,null]},q.sync);Ue.match.length==2&&Ue.match.push(_o),q.sync=Ue;let To=Ue.key,Wr=Cc(To);function Zs(a,l,d,h,m,b,w){Ue.filters.pub(a,l,d,h,m,b,w)&&Wr.pub(a,l,d,h,m,b,w)}Wr.sub(n);function Rd(a,l,d,h,m,b,w){Ue.filters.sub(a,l,d,h,m,b,w)&&Ts[a](null,l,d,h,m,b,w)}n.pub=Rd;function Dd(){Wr.unsub(n),Pa.delete(n),Nn.clear(),_a(or,Ls,So),f.remove(),xe?.remove(),it("destroy")}n.destroy=Dd;function Ur(){it("init",t,s),to(s||t.data,!1),V[N]?qr(N,V[N]):_r(),Di=De.show&&(De.width>0||De.height>0),Hn=qt=!0,Sr(t.width,t.height)}return S.forEach(Xa),F.forEach(pd),e?e instanceof HTMLElement?(e.appendChild(f),Ur()):e(n,Ur):Ur(),n}dt.assign=Ye;dt.fmtNum=qa;dt.rangeNum=lr;dt.rangeLog=pr;dt.rangeAsinh=Na;dt.orient=is;dt.pxRatio=we;dt.join=Kp;dt.fmtDate=Ha,dt.tzDate=ou;dt.sync=Cc;{dt.addGap=Fu,dt.clipGaps=fr;let t=dt.paths={points:qc};t.linear=Hc,t.stepped=Bu,t.bars=Gu,t.spline=Ju}function Wc(t,s,e){let n=Math.max(...t.map(u=>u??0),1e-9),i=t.length>1?s/(t.length-1):0,r=!1,o="";return t.forEach((u,p)=>{if(u===null){r=!1;return}let f=e-u/n*e;o+=`${r?"L":"M"}${Fc(p*i)} ${Fc(f)}`,r=!0}),o}function Uc(t,s){let e=t.findIndex(n=>n!==null);return t.slice(Math.max(0,Math.min(e<0?t.length:e,t.length-s)))}function Bc(t,s){let e=[];for(let n=t.length;n>0;n-=s){let i=t.slice(Math.max(0,n-s),n).filter(r=>r!==null);e.unshift(i.length===0?null:i.reduce((r,o)=>r+o,0)/i.length)}return e}function Fc(t){return t.toFixed(1).replace(/\.0$/,"")}function $i(t,s){let e=t.slice(-s).filter(n=>n!==null);return e.length===0?void 0:e.reduce((n,i)=>n+i,0)/e.length}var Cn=class extends se{constructor(){super();this.times=[];this.lines=[];this.label="";this.tall=220;this.drawn="";this.size=new ResizeObserver(()=>this.resize());new ln(this,Zn)}disconnectedCallback(){super.disconnectedCallback(),this.size.disconnect(),this.plot?.destroy(),this.plot=void 0,this.drawn=""}connectedCallback(){super.connectedCallback(),this.size.observe(this)}render(){return c`<figure class="chart" role="img" aria-label=${`${this.label}. ${this.inWords()}`}>
      <div class="plot"></div>
      <figcaption class="legend" aria-hidden="true">
        ${this.lines.map(e=>c`<span class="key"><svg class="swatch ${e.colour}" viewBox="0 0 16 4"><path d="M0 2h16" /></svg>${e.name}
            <b>${gn($i(e.values,1))}</b><span class="unit">/s</span></span>`)}
        <span class="cursor"></span>
      </figcaption>
    </figure>`}inWords(){return this.lines.map(n=>{let i=n.values.filter(r=>r!==null);return i.length===0?`${n.name}: nothing known yet`:`${n.name}: ${gn(i.at(-1))} per second now, at most ${gn(Math.max(...i))}`}).join("; ")}updated(e){let n=this.querySelector(".plot");if(!n||this.lines.length===0)return;let i=v=>getComputedStyle(this).getPropertyValue(v).trim(),r=v=>{n.style.color=`var(${v})`;let g=getComputedStyle(n).color;return n.style.color="",g},o=JSON.stringify([this.lines.map(v=>[v.name,v.colour]),r("--ink"),i("--line"),this.tall]),u=[this.times,...this.lines.map(v=>v.values)];if(this.plot&&this.drawn===o){this.plot.setData(u);return}this.plot?.destroy(),this.drawn=o;let p={stroke:r("--ink-2"),grid:{stroke:r("--line"),width:1},ticks:{show:!1},font:"11px system-ui, sans-serif"},f=this.tall;this.plot=new dt({width:Math.max(200,n.clientWidth),height:f,padding:[8,8,0,0],legend:{show:!1},cursor:{y:!1,points:{size:6}},scales:{x:{time:!0},y:{range:(v,g,y)=>[0,Math.max(y*1.1,.1)]}},axes:[{...p,size:26,space:70,values:(v,g)=>g.map(y=>Gc(y,(g[1]??60)-(g[0]??0)<60))},{...p,size:44,space:36,values:(v,g)=>g.map(y=>gn(y))}],series:[{},...this.lines.map(v=>({label:v.name,stroke:r(`--${v.colour}`),width:1.6,...v.fill?{fill:r(`--${v.colour}-fill`)}:{},...v.dashed?{dash:[4,3]}:{},points:{show:!1},spanGaps:!1}))],hooks:{setCursor:[v=>this.tell(v)]}},u,n)}tell(e){let n=this.querySelector(".cursor");if(!n)return;let i=e.cursor.idx;n.textContent=i==null?"":`${Gc(this.times[i]??0,!0)}  ${this.lines.map(r=>`${r.name} ${gn(r.values[i])}`).join(" · ")}`}resize(){let e=this.querySelector(".plot");this.plot&&e&&e.clientWidth>0&&e.clientWidth!==this.plot.width&&this.plot.setSize({width:e.clientWidth,height:this.tall})}};T([me({attribute:!1})],Cn.prototype,"times",2),T([me({attribute:!1})],Cn.prototype,"lines",2),T([me()],Cn.prototype,"label",2),T([me({type:Number})],Cn.prototype,"tall",2),Cn=T([oe("ff-chart")],Cn);function Gc(t,s=!1){let e=new Date(t*1e3),n=i=>i.toString().padStart(2,"0");return`${n(e.getHours())}:${n(e.getMinutes())}${s?`:${n(e.getSeconds())}`:""}`}function br(t,s){let e=t.accepted.length,n=Date.parse(t.until)/1e3,i=Date.parse(t.until)>Date.now()?e-1:e,r=t.accepted.findIndex(p=>p!==null),o=Math.max(0,Math.min(r<0?i:r,i-18));return{times:Array.from({length:i-o},(p,f)=>n-(e-1-o-f)*t.step_seconds),lines:s.map(p=>({...p,values:p.values.slice(o,i)}))}}var yi=class extends se{constructor(){super(...arguments);this.channel="";this.shown=new X(this,e=>ue(`/v1/channels/${Fe(this.channel)}`,{},e),3e3);this.series=new X(this,e=>ue("/v1/series",{window:"hour"},e),1e4)}willUpdate(e){e.has("channel")&&e.get("channel")&&this.shown.restart()}render(){let e=this.shown.value;if(!e)return c`<h1>Channel</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}<p><a href="#/channels">All channels</a></p>`:Ae()}`;let n=()=>{this.shown.load()},i=["paused","suspended"].includes(e.state);return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/channels">Channels</a></p>
          <h1>${_(e.name,120)}</h1>
        </div>
        <div class="control">
          ${at(e.state)}
          ${e.plugin===null||e.plugin===void 0?ke("Forget","trash","admin",()=>fl(e.name,n),{channel:e.name,danger:!0}):c`${i?ke("Resume","play","operate",()=>tr(e,n),{channel:e.name}):ke("Pause","pause","operate",()=>er(e,n),{channel:e.name})}
              ${ke("Test","test","operate",()=>nr(e.name),{channel:e.name,off:e.digest?void 0:"There is no plugin to call."})}`}
        </div>
      </div>
      ${te(this.shown.problem)} ${this.why(e)}
      <section class="tiles" aria-label="Numbers">
        ${wi("Pending",Q(e.pending),e.pending>0?c`oldest ${We(e.oldest_pending_at)}`:"nothing waits")}
        ${wi("In flight",Q(e.in_flight),`of ${e.policy?.concurrency??"–"} at once`)}
        ${wi("Success rate",Qn(e.success_rate),c`${Q(e.delivered)} delivered`)}
        ${wi("Dead letters",Q(e.dead_letters),e.dead_letters>0?c`<a href=${W(["dead-letters"],{channel:e.name})}>look at them</a>`:c`${Q(e.dead)} given up in all`)}
        ${wi("Attempts take",$t(e.latency?.p50_ms),c`p90 ${$t(e.latency?.p90_ms)}, p99 ${$t(e.latency?.p99_ms)}`)}
      </section>
      ${this.chart()}
      <div class="columns">
        <div>${this.policy(e)}</div>
        <div>${this.plugin(e)} ${this.grants(e)} ${this.error(e)}</div>
      </div>`}why(e){let n=Object.entries(e.deferred??{}),{hold:i,gathered:r}=e;return c`${i?c`<div class="alarm ${i.kind==="paused"?"wait":"warn"}">
          ${at(i.kind)}
          <span>
            ${i.kind==="paused"?"Somebody has paused it":i.kind==="suspended"?"Its receiver said that it is gone":"Its breaker is open: the receiver is in trouble"}, since ${je(i.since)}.
            ${i.reason?c`<b>${_(i.reason,300)}</b>`:$}
            ${i.until?c`It tries again ${We(i.until)}.`:$}
            ${i.kind==="open"?$:"Everything is kept until it is resumed."}
          </span>
        </div>`:$}
    ${e.error?c`<div class="alarm bad">${_(e.error,500)}</div>`:$}
    ${e.configure?c`<section class="panel"><div class="panel-head"><h2>It waits for this in <code>config.toml</code></h2></div>
          <pre class="command" tabindex="0">${e.configure}</pre></section>`:$}
    ${e.waiting>0||r?c`<div class="alarm wait"><span>
          ${e.waiting>0?c`${Q(e.waiting)} of those pending wait${n.length>0?c`, among them ${n.map(([o,u])=>c`<span class="pair">${o} <b>${Q(u)}</b></span> `)}`:" for their next attempt"}.`:$}
          ${r?c`${Q(r.deliveries)} wait in ${Q(r.batches)} open batches; the first closes ${We(r.until)}.`:$}
        </span></div>`:$}`}chart(){let e=this.series.value,n=e?.channels[this.channel];if(!e||!n)return $;let{times:i,lines:r}=br(e,[{name:"Delivered",colour:"ok",values:n.delivered,fill:!0},{name:"Failed",colour:"warn",values:n.failed},{name:"Dead",colour:"bad",values:n.dead}]);return c`<section class="panel" aria-labelledby="rates">
      <div class="panel-head"><h2 id="rates">Last hour</h2></div>
      <ff-chart .times=${i} .lines=${r} tall="160" label="Rates per second over the last hour"></ff-chart>
    </section>`}policy(e){let{policy:n}=e;return n?c`<section class="panel" aria-labelledby="policy">
      <div class="panel-head"><h2 id="policy">Policy</h2></div>
      ${Ba(n,e.policy_from)}
    </section>`:$}plugin(e){return c`<section class="panel" aria-labelledby="plugin">
      <div class="panel-head"><h2 id="plugin">Plugin</h2><a href="#/plugins">All plugins</a></div>
      <dl class="facts">
        <div><dt>name</dt><dd>${Y(e.plugin??"none")}</dd></div>
        <div><dt>kind</dt><dd>${e.kind??"–"}</dd></div>
        <div><dt>digest</dt><dd>${Y(e.digest,80)}</dd></div>
        <div><dt>settings</dt><dd>${Is(e.settings)}</dd></div>
        <div><dt>secrets</dt><dd>${Is(e.secrets)}</dd></div>
        <div><dt>signed</dt><dd>${e.signed?"yes":"no"}</dd></div>
        <div><dt>imports</dt><dd>${Is(e.imports)}</dd></div>
      </dl>
    </section>`}grants(e){let{grants:n}=e;if(!n)return $;let i=n.http.length+n.tcp.length+n.files.length+n.emit.length===0&&!n.private_network;return c`<section class="panel" aria-labelledby="grants">
      <div class="panel-head"><h2 id="grants">Grants</h2></div>
      ${i?c`<p class="faint">None: it reaches nothing outside.</p>`:c`<dl class="facts">
            ${n.http.length?c`<div><dt>http</dt><dd>${Is(n.http)}</dd></div>`:$}
            ${n.tcp.length?c`<div><dt>tcp</dt><dd>${Is(n.tcp)}</dd></div>`:$}
            ${n.files.map(r=>c`<div><dt>files</dt><dd>${Y(r.host)} as ${Y(r.guest)}, ${r.write?"to write":"to read"}</dd></div>`)}
            ${n.emit.length?c`<div><dt>emit</dt><dd>${Is(n.emit)}</dd></div>`:$}
            ${n.private_network?c`<div><dt>private network</dt><dd>yes</dd></div>`:$}
          </dl>`}
    </section>`}error(e){let n=e.last_error;return c`<section class="panel" aria-labelledby="last-error">
      <div class="panel-head"><h2 id="last-error">Last error</h2>
        ${e.dead_letters>0?ke("Redrive dead letters","again","operate",()=>dn("replay",{channel:e.name},()=>{this.shown.load()}),{channel:e.name}):$}</div>
      ${n?c`<p>${Qe(n.class,n.code)} ${je(n.at)}</p><p>${_(n.error,1e3)}</p>`:c`<p class="faint">No attempt of this run has failed.</p>`}
    </section>`}};T([me()],yi.prototype,"channel",2),yi=T([oe("ff-channel")],yi);function wi(t,s,e){return c`<div class="tile"><h2>${t}</h2><div class="number">${s}</div><div class="faint">${e}</div></div>`}function Is(t){return t.length===0?c`<span class="faint">none</span>`:t.map(s=>c`<span class="pair">${Y(s,100)}</span> `)}function Ba(t,s){let e=[["timeout",aa(t.timeout)],["retries",String(t.retries)],["backoff",t.waits.length>0?`${t.waits.map(aa).join(", ")}${t.retries>t.waits.length?", …":""}`:void 0],["fuel",li(t.fuel)],["memory",An(t.memory)],["concurrency",String(t.concurrency)],["reuse",t.reuse===0?"a fresh instance each":`${t.reuse} attempts`],["expires",t.expires??void 0],["order",t.order==="none"?void 0:t.order],["filter",t.filter?xi(t.filter):void 0],["breaker",t.breaker?xi(t.breaker):void 0],["rate",t.rate?xi(t.rate):void 0],["priority",`${t.priority}${t.first?`, first: ${t.first}`:""}`],["lagging_after",t.lagging_after==="none"?void 0:t.lagging_after],["batch",t.batch?xi(t.batch):void 0],["delay",t.delay??void 0],["quiet",t.quiet?.length?t.quiet.map(i=>`${i.from}–${i.to} ${i.zone}`).join("; "):void 0],["once",t.once?xi(t.once):void 0],["fallback",t.fallback?.length?t.fallback.join(", "):void 0],["fallback_after",t.fallback_after??void 0]],n={defaults:"[defaults]",sidecar:"sidecar",channel:"channel"};return c`<table class="policy">
    <thead>
      <tr><th scope="col">Key</th><th scope="col">Value</th><th scope="col">From</th></tr>
    </thead>
    <tbody>
      ${e.map(([i,r])=>{let o=s[i];return c`<tr class=${o?"set":""}>
          <th scope="row"><code>${i}</code></th>
          <td>${r===void 0?c`<span class="faint">none</span>`:typeof r=="string"?_(r,300):r}</td>
          <td>${o?c`<span class="origin ${o}">${n[o]??o}</span>`:c`<span class="faint">built in</span>`}</td>
        </tr>`})}
    </tbody>
  </table>`}function xi(t){return Object.entries(t).filter(([,e])=>e!=null&&e!==!1).map(([e,n])=>`${e} = ${typeof n=="object"?JSON.stringify(n):String(n)}`).join(", ")}var $r=class extends se{constructor(){super(...arguments);this.list=new X(this,e=>ue("/v1/channels",{},e),4e3);this.stages=new X(this,e=>ue("/v1/stages",{},e),1e4)}render(){let e=this.list.value?.channels;return c`<div class="head"><h1>Channels</h1></div>
      ${te(this.list.problem)}
      ${e?e.length===0?Ge("There are no channels yet.",c`Add one to <code>config.toml</code>, such as <code>[channels.log]</code> with
              <code>plugin = "builtin:log"</code>. It takes effect while the daemon runs.`):this.table(e):this.list.problem?$:Ae()}
      ${this.stagesPanel()}`}table(e){let n=()=>{this.list.load()};return c`<div class="scroll" role="region" aria-label="Channels" tabindex="0"><table class="cards">
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
            <th scope="row"><a href=${W(["channels",i.name])}>${_(i.name,60)}</a></th>
            <td data-label="State" class="text">
              ${at(i.state)}
              ${i.hold?.reason?c`<div class="faint">${_(i.hold.reason,80)}</div>`:$}
              ${i.error?c`<div class="bad-text">${_(i.error,120)}</div>`:$}
            </td>
            <td data-label="Plugin" class="plugin">
              ${Y(i.plugin,40)}
              <div class="faint">${i.kind?c`${i.kind} ${Y(ci(i.digest).slice(0,8))}`:$}</div>
            </td>
            <td data-label="Pending" class="number">
              ${Q(i.pending)}
              ${i.in_flight>0?c`<div class="faint">${Q(i.in_flight)} in flight</div>`:$}
              ${i.oldest_pending_at?c`<div class="faint" title="The oldest pending">${We(i.oldest_pending_at)}</div>`:$}
            </td>
            <td data-label="Success" class="number">${Qn(i.success_rate)}
              ${i.dead_letters>0?c`<div><a class="bad-text" href=${W(["dead-letters"],{channel:i.name})}>${Q(i.dead_letters)} dead</a></div>`:$}</td>
            <td data-label="p99" class="number">${$t(i.latency?.p99_ms)}</td>
            <td data-label="Last error" class="text">
              ${i.last_error?c`${Qe(i.last_error.class,i.last_error.code)}
                    <div class="faint">${We(i.last_error.at)}</div>`:c`<span class="faint">none</span>`}
            </td>
            <td class="actions">
              ${r?ke("Resume","play","operate",()=>tr(i,n),{channel:i.name,label:`Resume ${i.name}`}):ke("Pause","pause","operate",()=>er(i,n),{channel:i.name,label:`Pause ${i.name}`,off:i.state==="unconfigured"?"It is not configured yet.":void 0})}
              ${ke("Test","test","operate",()=>nr(i.name),{channel:i.name,label:`Test ${i.name}`,off:i.digest?void 0:"There is no plugin to call."})}
            </td>
          </tr>`})}
      </tbody>
    </table></div>`}stagesPanel(){let e=this.stages.value?.stages??[];return e.length===0?te(this.stages.problem):c`<section class="panel" aria-labelledby="stages">
      <div class="panel-head"><h2 id="stages">Stages</h2><span class="faint">Events pass these first, in this order.</span></div>
      <div class="scroll" role="region" aria-label="Table of stages" tabindex="0"><table class="cards">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">State</th>
            <th scope="col">Plugin</th>
            <th scope="col">Events</th>
            <th scope="col">Where it fails</th>
            <th scope="col" class="number">p99</th>
            <th scope="col">Last error</th>
          </tr>
        </thead>
        <tbody>
          ${e.map(n=>c`<tr>
              <th scope="row">${_(n.name,60)}</th>
              <td data-label="State" class="text">${at(n.state)}${n.error?c`<div class="bad-text">${_(n.error,120)}</div>`:$}</td>
              <td data-label="Plugin" class="plugin">${Y(n.plugin,40)} <div class="faint">${Y(ci(n.digest))}</div></td>
              <td data-label="Events">${Object.entries(n.runs).filter(([,i])=>i>0).map(([i,r])=>c`<span class="pair">${i} <b>${Q(r)}</b></span> `)}</td>
              <td data-label="Where it fails">${n.on_error==="pass"?"the event goes on":"the event is rejected"}</td>
              <td data-label="p99" class="number">${$t(n.latency?.p99_ms)}</td>
              <td data-label="Last error" class="text">${n.last_error?c`${Qe(n.last_error.class,n.last_error.code)} <div class="faint">${We(n.last_error.at)}</div>`:c`<span class="faint">none</span>`}</td>
            </tr>`)}
        </tbody>
      </table></div>
    </section>`}};$r=T([oe("ff-channels")],$r);var yr=class extends se{constructor(){super(...arguments);this.shown=new X(this,e=>ue("/v1/config",{},e),5e3)}render(){let e=this.shown.value;if(!e)return c`<h1>Config</h1>
        ${this.shown.problem?te(this.shown.problem):Ae()}`;let n=e.last_reload,i=[...new Set(e.keys.map(({key:r})=>r.split(".")[0]??""))];return c`<div class="head">
        <div><h1>Config</h1><p class="faint">${Y(e.file,300)}</p></div>
        ${n?c`<div class="control">${at(n.outcome)} <span class="faint">read ${je(n.at)}</span></div>`:$}
      </div>
      ${te(this.shown.problem)}
      ${n?.outcome==="rejected"?c`<section class="panel" aria-labelledby="errors">
            <div class="panel-head"><h2 id="errors">What is wrong</h2><span class="faint">What ran before runs on.</span></div>
            <ul class="lines">
              ${n.errors.map(r=>c`<li><span class="what bad-text">${ah(r)}</span></li>`)}
            </ul>
            <p class="faint"><code>fanfare check</code> shows each with its line.</p>
          </section>`:$}
      ${e.keys.some(r=>r.at_restart)?c`<div class="alarm warn">${j("warning")}<span>Some values in the file take effect at the next start.</span></div>`:$}
      <div class="columns">
        <div>${i.map(r=>this.table(r,e))}</div>
        <section class="panel" aria-labelledby="defaults">
          <div class="panel-head"><h2 id="defaults"><code>[defaults]</code></h2><span class="faint">of every channel</span></div>
          ${Ba(e.defaults,e.defaults_from)}
        </section>
      </div>`}table(e,n){let i=n.keys.filter(({key:r})=>r.startsWith(`${e}.`));return c`<section class="panel" aria-labelledby="table-${e}">
      <div class="panel-head"><h2 id="table-${e}"><code>[${e}]</code></h2></div>
      <table class="policy">
        <thead>
          <tr><th scope="col">Key</th><th scope="col">Value</th><th scope="col">From</th></tr>
        </thead>
        <tbody>
          ${i.map(({key:r,value:o,line:u,at_restart:p})=>c`<tr class=${u?"set":""}>
              <th scope="row"><code>${r.slice(e.length+1)}</code></th>
              <td>${_(o,300)}${p?c`<div class="warn-text">at the next start: ${_(p,300)}</div>`:$}</td>
              <td>${u?c`<span class="origin">line ${u}</span>`:c`<span class="faint">built in</span>`}</td>
            </tr>`)}
        </tbody>
      </table>
    </section>`}};yr=T([oe("ff-config")],yr);function ah(t){let[,s,e]=/^(?:channel \S+: )?(.*?:\d+:\d+:)(.*)$/s.exec(t)??[];return s?c`${Y(s,300)} ${_(e,1e3)}`:_(t,1e3)}function Yc(t){let s=["first","cause","this","effect"],e=f=>f.role==="more"?"effect":f.role,n=s.map(f=>t.filter(v=>e(v)===f)).filter(f=>f.length>0),i=Math.max(1,...n.map(f=>f.length)),r=i*46+(i-1)*12,o=n.map((f,v)=>{let g=f.length*46+(f.length-1)*12,y=(r-g)/2;return f.map((M,C)=>({...M,x:v*292,y:y+C*58,width:208,height:46}))}),u=[];for(let f=1;f<o.length;f+=1)for(let v of o[f-1]??[])for(let g of o[f]??[])u.push({from:{x:v.x+v.width,y:v.y+v.height/2},to:{x:g.x,y:g.y+g.height/2},label:g.by,indirect:v.role==="first"});let p=o.length*208+Math.max(0,o.length-1)*84;return{nodes:o.flat(),edges:u,width:p,height:r}}function Jc({from:t,to:s}){let e=(t.x+s.x)/2;return`M${t.x} ${t.y}C${e} ${t.y} ${e} ${s.y} ${s.x} ${s.y}`}function*Kc(t){let s=/("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|([{}[\],:])|(\s+)|([^\s{}[\],:"]+|")/gs;for(let e of t.matchAll(s)){let[n,i,r,o,u]=e;i!==void 0?yield{kind:"string",text:n}:r!==void 0?yield{kind:"number",text:n}:o!==void 0?yield{kind:"mark",text:n}:u!==void 0?yield{kind:"space",text:n}:yield{kind:"word",text:n}}}function Qc(t){let s=[...Kc(t)].filter(r=>r.kind!=="space"),e=[],n=0,i=()=>e.push({kind:"space",text:`
${"  ".repeat(n)}`});return s.forEach((r,o)=>{let u=s[o+1];switch(r.text){case"{":case"[":{e.push({kind:"mark",text:r.text});let p=r.text==="{"?"}":"]";u?.text!==p&&(n+=1,i());break}case"}":case"]":{s[o-1]?.text!==(r.text==="}"?"{":"[")&&(n=Math.max(0,n-1),i()),e.push(r);break}case",":e.push(r),i();break;case":":e.push(r,{kind:"space",text:" "});break;default:e.push(r.kind==="string"&&u?.text===":"?{kind:"name",text:r.text}:r)}}),e}function Rn(t,s){let e=0,n=0,i=!1,r,o;for(let u of Kc(t)){let{kind:p}=u,f=n+u.text.length;if(p==="mark"&&(u.text==="}"||u.text==="]")&&(e-=1),r!==void 0&&(e===1&&u.text===","&&p==="mark"||e===0))return t.slice(r,n).trim();if(e===1&&p==="string"&&r===void 0&&(o=u.text),e===1&&p==="mark"&&u.text===":"&&o!==void 0&&r===void 0){try{i=JSON.parse(o)===s}catch{i=!1}i&&(r=f),o=void 0}p==="mark"&&(u.text==="{"||u.text==="[")&&(e+=1),n=f}}var rs=class extends se{constructor(){super(...arguments);this.given=[];this.chosen="";this.label="Channel";this.all=new X(this,e=>ue("/v1/channels",{},e));this.choose=e=>{let{value:n}=e.target;this.dispatchEvent(new CustomEvent("choose",{detail:n}))}}render(){let e=(this.all.value?.channels??[]).filter(i=>i.state!=="unconfigured").map(i=>i.name),n=[...new Set([...this.given,...e])];return c`<select aria-label=${this.label} @change=${this.choose}>
      ${n.map(i=>c`<option value=${i} ?selected=${i===this.chosen}>${be(i,60)}</option>`)}
    </select>`}};T([me({attribute:!1})],rs.prototype,"given",2),T([me()],rs.prototype,"chosen",2),T([me()],rs.prototype,"label",2),rs=T([oe("ff-channel-select")],rs);var Zc=2e4,Dn=class extends se{constructor(){super(...arguments);this.text="";this.label="Data";this.whole=!1;this.copied=!1}render(){let e=this.text.length>Zc,n=e&&!this.whole?this.text.slice(0,Zc):this.text;return c`<div class="payload">
      <button class="quiet copy" @click=${this.copy} aria-label=${`Copy: ${this.label}`}>
        ${j(this.copied?"success":"copy")}<span aria-live="polite">${this.copied?"Copied":"Copy"}</span>
      </button>
      <pre tabindex="0" role="region" aria-label=${`${this.label} as JSON`} dir="ltr"><code>${Qc(n).map(oh)}</code></pre>
      ${e&&!this.whole?c`<button class="quiet" @click=${()=>this.whole=!0}>Show all ${An(this.text.length)}</button>`:$}
    </div>`}async copy(){try{await navigator.clipboard.writeText(this.text),this.copied=!0,setTimeout(()=>this.copied=!1,1500)}catch{}}};T([me()],Dn.prototype,"text",2),T([me()],Dn.prototype,"label",2),T([Ee()],Dn.prototype,"whole",2),T([Ee()],Dn.prototype,"copied",2),Dn=T([oe("ff-payload")],Dn);function oh({kind:t,text:s}){let e=Pt(s,Number.POSITIVE_INFINITY);return t==="space"||t==="mark"?e:c`<span class="json-${t}">${e}</span>`}var lh=new Set(["specversion","data","data_base64"]),Ga=8,as=class extends se{constructor(){super(...arguments);this.event="";this.source="";this.channel="";this.shown=new X(this,e=>this.load(e));this.chain=new X(this,e=>this.related(e));this.again=()=>{this.shown.load(),this.chain.load()}}async load(e){let n=`/v1/events/${Fe(this.event)}${ai({source:this.source})}`,{value:i,text:r}=await ct("GET",n,void 0,e),o=Rn(r,"event")??"{}";return this.data=Rn(o,"data")??Rn(o,"data_base64"),i}async related(e){let n=await this.load(e),i=n.event,r=i.correlationid,o=i.causationid,u=[];r&&r!==i.id&&r!==o&&u.push({id:r,type:"first of the chain",role:"first"}),o&&u.push({id:o,type:"cause",role:"cause"}),u.push({id:i.id,source:i.source,type:i.type,role:"this",by:Xc(i.source)});let f=(await Promise.all(Object.entries(n.result.channels).filter(([,v])=>v.attempts>0).slice(0,12).map(([v])=>ue("/v1/events",{source:`/channels/${v}`,after:n.offset,limit:100},e)))).flatMap(v=>v.events.map(({event:g})=>g)).filter(v=>v.causationid===i.id);for(let v of f.slice(0,Ga))u.push({id:v.id,source:v.source,type:v.type,role:"effect",by:Xc(v.source)});return f.length>Ga&&u.push({id:"",type:`${f.length-Ga} more`,role:"more"}),u}connectedCallback(){super.connectedCallback(),this.unfollow=Ps((e,n)=>{e==="settled"&&JSON.parse(n).offset===this.shown.value?.offset&&this.again()})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.()}willUpdate(e){(e.has("event")&&e.get("event")||e.get("source")!==void 0)&&(this.channel="",this.shown.restart(),this.chain.restart())}render(){let e=this.shown.value;if(!e)return c`<h1>Event</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}<p><a href="#/events">All events</a></p>`:Ae()}`;let n=e.event;return c`<div class="head">
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
            ${pl(e)}
          </section>
        </div>
        <div>
          <section class="panel" aria-labelledby="data">
            <div class="panel-head"><h2 id="data">Data</h2></div>
            ${this.data===void 0?c`<p class="faint">The event has no data.</p>`:c`<ff-payload .text=${this.data} label="Data"></ff-payload>`}
          </section>
          ${this.facts(e,n)}
        </div>
      </div>`}channels(e){let n=Object.entries(e.result.channels);return c`<section class="panel" aria-labelledby="deliveries">
      <div class="panel-head">
        <h2 id="deliveries">Deliveries</h2>
        ${this.replayer(e)}
      </div>
      ${n.length===0?c`<p class="faint">No channel takes this event. <code>fanfare explain</code> and the filters of the channels say why.</p>`:c`<div class="scroll" role="region" aria-label="Table of deliveries" tabindex="0"><table class="cards">
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
                  <th scope="row"><a href=${W(["channels",i])}>${_(i,60)}</a>
                    ${r.fallback_for?c`<div class="faint">fallback for ${_(r.fallback_for,40)}</div>`:$}</th>
                  <td data-label="Status">${pi(r.status)}</td>
                  <td data-label="Attempts" class="number">${r.attempts}</td>
                  <td data-label="Result">
                    ${r.class?c`<div>${Qe(r.class,r.code??"")} ${_(r.error,200)}</div>`:$}
                    ${r.status==="pending"?c`<div class="faint">${pa(r)}</div>`:$}
                    ${r.reason?c`<div>${Y(r.reason)} ${_(r.detail,200)}</div>`:$}
                    ${r.receipt?c`<div class="receipt">${Y(JSON.stringify(r.receipt),200)}</div>`:$}
                    ${r.status==="failed"?c`<a href=${W(["dead-letters",r.delivery_id])}>dead letter</a>`:$}
                  </td>
                  <td class="actions">
                    ${r.status==="pending"?ke("Drop","trash","operate",()=>gl(r.delivery_id,i,this.again),{channel:i,danger:!0,label:`Drop the delivery to ${i}`}):$}
                  </td>
                </tr>`)}
            </tbody>
          </table></div>`}
    </section>`}replayer(e){let n=Object.keys(e.result.channels);return c`<div class="control">
      <ff-channel-select .given=${n} .chosen=${this.channel||n[0]||""} label="Channel to send it to" @choose=${i=>this.channel=i.detail}></ff-channel-select>
      ${ke("Replay","again","operate",()=>ml(e,this.channel||n[0]||"",this.again),{label:"Replay to this channel"})}
    </div>`}graph(){let e=this.chain.value;if(!e||e.length<2)return $;let{nodes:n,edges:i,width:r,height:o}=Yc(e),u=e.map(p=>`${p.role==="this"?"this event":p.role}: ${p.type}`).join(", ");return c`<section class="panel" aria-labelledby="chain">
      <div class="panel-head"><h2 id="chain">Cause and effect</h2></div>
      <div class="graph" tabindex="0" role="region" aria-label="Cause and effect: ${be(u,300)}">
        <svg width=${r+4} height=${o+4} viewBox="-2 -2 ${r+4} ${o+4}">
          ${i.map(p=>ae`<path class="edge ${p.indirect?"indirect":""}" d=${Jc(p)} />
              ${p.label?ae`<text class="edge-label" x=${p.to.x-8} y=${p.to.y-6}>${be(p.label,14)}</text>`:$}`)}
          ${n.map(p=>{let f=ae`<rect class="node ${p.role}" x=${p.x} y=${p.y} width=${p.width} height=${p.height} rx="7" />
              <text x=${p.x+12} y=${p.y+19}>${be(p.type,27)}</text>
              <text class="faint" x=${p.x+12} y=${p.y+36}>${be(p.id,28)}</text>`;return p.role==="this"||p.role==="more"?ae`<g>${f}</g>`:ae`<a href=${W(["events",p.id],{source:p.source})} ><title>${`${p.role}: ${be(p.type,120)} ${be(p.id,120)}`}</title>${f}</a>`})}
        </svg>
      </div>
    </section>`}facts(e,n){let i=Object.keys(n).filter(r=>!lh.has(r));return c`<section class="panel" aria-labelledby="attributes">
      <div class="panel-head"><h2 id="attributes">Attributes</h2></div>
      <dl class="facts">
        <div><dt>offset</dt><dd>${e.offset}</dd></div>
        <div><dt>recorded</dt><dd>${je(e.result.broadcast_at)}</dd></div>
        ${i.map(r=>c`<div><dt>${_(r,64)}</dt><dd>${Y(String(n[r]),1e3)}</dd></div>`)}
      </dl>
    </section>`}};T([me()],as.prototype,"event",2),T([me()],as.prototype,"source",2),T([Ee()],as.prototype,"channel",2),as=T([oe("ff-event")],as);function Xc(t){return/^\/channels\/(.+)$/.exec(t)?.[1]}function Ya(t,s,e=96,n=22){let i=Uc(t,18),r=Bc(i,Math.max(1,Math.floor(i.length/60)));return c`<svg class="spark ${s}" viewBox="0 -2 ${e} ${n+4}" preserveAspectRatio="none" aria-hidden="true">
    ${ae`<path d=${Wc(r,e,n)} />`}
  </svg>`}function ki(t,s){let e=Math.max(0,Math.min(1,t))*100;return c`<svg class="bar ${s}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    ${ae`<rect class="track" width="100" height="4" /><rect width=${e.toFixed(2)} height="4" />`}
  </svg>`}var Ja=5e3,ed=3,Si=class extends se{constructor(){super(...arguments);this.window="hour";this.stats=new X(this,e=>ue("/v1/stats",{},e),Ja);this.hour=new X(this,e=>ue("/v1/series",{window:"hour"},e),Ja);this.day=new X(this,e=>ue("/v1/series",{window:"day"},e),6e4);this.channels=new X(this,e=>ue("/v1/channels",{},e),Ja);this.latest=new X(this,e=>ue("/v1/events",{order:"newest",limit:8},e))}connectedCallback(){super.connectedCallback(),this.unfollow=Ps(()=>{this.timer??=setTimeout(()=>{this.timer=void 0,this.latest.load()},1e3)})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.(),clearTimeout(this.timer),this.timer=void 0}render(){let e=this.stats.value;return e?c`<div class="head">
        <h1>Overview</h1>
        <p class="faint">
          Version ${e.version}, up for ${Ms(e.uptime_seconds)}
        </p>
      </div>
      ${te(this.stats.problem)} ${this.alarms(e)} ${this.tiles(e)} ${this.chart()} ${this.byChannel()}
      <div class="columns">${this.failures(e)} ${this.newest()}</div>`:c`<h1>Overview</h1>
        ${this.stats.problem?te(this.stats.problem):Ae()}`}alarms(e){let{journal:n}=e,i=(this.channels.value?.channels??[]).filter(o=>!["active","unconfigured"].includes(o.state)),r=e.last_reload?.outcome==="rejected"?e.last_reload:void 0;return n.status==="ok"&&i.length===0&&!r&&e.removed.length===0?$:c`<section class="alarms" aria-label="What needs a look">
      ${n.status==="ok"?$:c`<div class="alarm bad">${j("warning")}<span><b>The journal is ${n.status}.</b> ${_(n.error)}</span></div>`}
      ${r?c`<div class="alarm bad">
            ${j("warning")}<span><b>The last reload was rejected.</b> ${_(r.errors[0],200)} <a href="#/config">Config</a></span>
          </div>`:$}
      ${i.map(o=>{let u=o.hold?.reason||o.error||"";return c`<div class="alarm ${o.state==="paused"?"wait":"warn"}">
          ${at(o.state)}
          <span>
            <a href=${W(["channels",o.name])}><b>${_(o.name,60)}</b></a>
            ${_(u,140)}
            ${o.hold?.until?c`<span class="faint">tries again ${We(o.hold.until)}</span>`:$}
            ${o.pending>0?c`<span class="faint">${Q(o.pending)} pending</span>`:$}
          </span>
        </div>`})}
      ${e.removed.map(o=>c`<div class="alarm warn">
          ${j("warning")}<span><a href=${W(["channels",o.channel])}><b>${_(o.channel,60)}</b></a> has left the
          configuration with ${Be(o.pending,"pending delivery","pending deliveries")}.</span>
        </div>`)}
    </section>`}tiles(e){let n=this.hour.value,i=this.channels.value?.channels??[],r=i.filter(v=>v.policy?.breaker),o=r.filter(v=>v.state==="open").length,u=i.map(v=>v.oldest_pending_at).filter(v=>v).sort()[0],p=(n?.failed??[]).reduce((v,g)=>v+(g??0),0)*(n?.step_seconds??0),f=[["Accepted","wait",n?.accepted,`${Q(e.totals.accepted)} in all`],["Delivered","ok",n?.delivered,`${Q(e.totals.delivered)} in all`],["Failed attempts","warn",n?.failed,`${Q(p)} in the last hour`],["Dead","bad",n?.dead,`${Q(e.totals.dead)} in all`]];return c`<section class="tiles" aria-label="Rates and totals">
      ${f.map(([v,g,y,M])=>c`<div class="tile rate">
          <h2>${v}</h2>
          <div class="number">${gn(y?$i(y,ed):void 0)}<span class="unit">/s</span></div>
          ${y?Ya(y,g):$}
          <div class="faint">${M}</div>
        </div>`)}
      <div class="tile">
        <h2>Success rate</h2>
        <div class="number">${Qn(e.totals.success_rate)}</div>
        ${e.totals.success_rate===null||e.totals.success_rate===void 0?$:ki(e.totals.success_rate,"ok")}
        <div class="faint">${e.totals.mean_attempts??"–"} attempts per delivery</div>
      </div>
      <div class="tile">
        <h2>Pending</h2>
        <div class="number">${Q(e.totals.pending)}</div>
        <div class="faint">${u?c`oldest ${We(u)}`:"nothing waits"}</div>
      </div>
      <div class="tile">
        <h2>Breakers</h2>
        <div class="number">${r.length===0?"–":`${o} open`}</div>
        <div class="faint">${r.length===0?"no channel has one":`of ${r.length}`}</div>
      </div>
      <div class="tile">
        <h2>Attempts take</h2>
        <div class="number">${$t(e.latency?.p50_ms)}</div>
        <div class="faint">median; ${$t(e.latency?.p99_ms)} at p99</div>
      </div>
    </section>`}chart(){let e=this.window==="hour"?this.hour:this.day,n=e.value&&br(e.value,ch(e.value)),i=(r,o)=>c`<button
      aria-pressed=${this.window===r}
      @click=${()=>this.window=r}
    >
      ${o}
    </button>`;return c`<section class="panel" aria-labelledby="throughput">
      <div class="panel-head">
        <h2 id="throughput">Throughput</h2>
        <div class="switch" role="group" aria-label="How far back">${i("hour","Hour")}${i("day","Day")}</div>
      </div>
      ${te(e.problem)}
      ${n?c`<ff-chart .times=${n.times} .lines=${n.lines} label="Rates per second over the last ${this.window}"></ff-chart>`:Ae()}
    </section>`}byChannel(){let e=this.channels.value?.channels,n=this.hour.value;return e?c`<section class="panel" aria-labelledby="by-channel">
      <div class="panel-head"><h2 id="by-channel">By channel</h2></div>
      ${e.length===0?Ge("There are no channels yet.",c`Add one to <code>config.toml</code>, such as
            <code>[channels.log]</code> with <code>plugin = "builtin:log"</code>. It takes effect while the daemon runs.`):c`<div class="scroll" role="region" aria-label="Channels" tabindex="0"><table class="cards">
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
                  <th scope="row"><a href=${W(["channels",i.name])}>${_(i.name,60)}</a></th>
                  <td data-label="State">${at(i.state)}</td>
                  <td data-label="Last hour" class="wide">${r?Ya(r.delivered,"ok",160,20):c`<span class="faint">–</span>`}</td>
                  <td data-label="Now" class="number"><span>${gn(r?$i(r.delivered,ed):0)}<span class="unit">/s</span></span></td>
                  <td data-label="Pending" class="number">${Q(i.pending)}</td>
                  <td data-label="Dead letters" class="number">
                    ${i.dead_letters>0?c`<a class="bad-text" href=${W(["dead-letters"],{channel:i.name})}>${Q(i.dead_letters)}</a>`:"0"}
                  </td>
                  <td data-label="Success" class="number">${Qn(i.success_rate)}</td>
                  <td data-label="p99" class="number">${$t(i.latency?.p99_ms)}</td>
                </tr>`})}
            </tbody>
          </table></div>`}
    </section>`:te(this.channels.problem)}failures(e){return c`<section class="panel" aria-labelledby="failures">
      <div class="panel-head"><h2 id="failures">Recent failures</h2></div>
      ${e.recent_failures.length===0?Ge("No attempt has failed since the start.","What fails shows here at once, with its class and code."):c`<ul class="lines">
            ${e.recent_failures.slice(0,8).map(n=>c`<li>
                <span class="when">${je(n.at)}</span>
                <span class="what">
                  <a href=${W(["channels",n.channel])}>${_(n.channel,40)}</a> ${Qe(n.class,n.code)}
                  <span class="faint">attempt ${n.attempt}</span>
                  <span class="detail">${_(n.error,160)}</span>
                </span>
              </li>`)}
          </ul>`}
    </section>`}newest(){let e=this.latest.value;return c`<section class="panel" aria-labelledby="newest">
      <div class="panel-head"><h2 id="newest">Latest events</h2><a href="#/events">All events</a></div>
      ${te(this.latest.problem)}
      ${e?.events.length===0?Ge("No event has arrived yet.",Ka()):c`<ul class="lines">
            ${e?.events.map(({event:n,result:i})=>{let{id:r,source:o}=n;return c`<li>
                <span class="when">${je(i.broadcast_at)}</span>
                <span class="what">
                  <a href=${W(["events",r],{source:o})}>${_(i.event_type,60)}</a>
                  <span class="counts">
                    ${i.summary.successful>0?c`<span class="ok-text">${j("success")}${i.summary.successful}<span class="hidden"> delivered</span></span>`:$}
                    ${i.summary.failed>0?c`<span class="bad-text">${j("failed")}${i.summary.failed}<span class="hidden"> failed</span></span>`:$}
                    ${i.summary.pending>0?c`<span class="wait-text">${j("pending")}${i.summary.pending}<span class="hidden"> pending</span></span>`:$}
                    ${i.summary.skipped>0?c`<span class="faint">${j("skipped")}${i.summary.skipped}<span class="hidden"> skipped</span></span>`:$}
                  </span>
                </span>
              </li>`})}
          </ul>`}
    </section>`}};T([Ee()],Si.prototype,"window",2),Si=T([oe("ff-overview")],Si);function Ka(){return c`Send one:
    <pre class="command" tabindex="0">curl ${location.origin}/v1/events -H 'content-type: application/json' \\
  -d '{"type": "user.signup", "message": "New user registered"}'</pre>`}function ch(t){return[{name:"Delivered",colour:"ok",values:t.delivered,fill:!0},{name:"Accepted",colour:"wait",values:t.accepted},{name:"Failed",colour:"warn",values:t.failed},{name:"Dead",colour:"bad",values:t.dead}]}var dh=50,ph=500,td=["type","status","channel","source","since","until"],uh=["success","partial","failed","pending","unrouted","cancelled"],Ln=class extends se{constructor(){super(...arguments);this.query=new URLSearchParams;this.paused=!1;this.looking=!1;this.missed=0;this.channels=new X(this,e=>ue("/v1/channels",{},e));this.page=new X(this,e=>this.load(e));this.fresh=new Set;this.newest=0;this.look=e=>{this.looking=e,!e&&this.missed>0&&this.soon()};this.toggle=()=>{this.paused=!this.paused,this.paused||this.page.load()};this.filter=e=>{e.preventDefault();let n=this.querySelector("form");if(n){let i=Object.fromEntries([...new FormData(n)].map(([r,o])=>[r,String(o).trim()]));Vt(W(["events"],i))}}}load(e){let n=this.query.get("after");return ue("/v1/events",{...rl(this.query,new Date),order:"newest",limit:dh,after:n},e).then(i=>{let r=i.events.map(o=>o.offset);return this.fresh=new Set(this.newest>0?r.filter(o=>o>this.newest):[]),this.newest=Math.max(this.newest,...r,0),this.missed=0,i})}connectedCallback(){super.connectedCallback(),this.unfollow=Ps(e=>{this.stopped?this.missed+=e==="event"?1:0:this.soon()})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.(),clearTimeout(this.timer),this.timer=void 0}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&(this.newest=0,this.page.restart())}get stopped(){return this.paused||this.looking||this.query.has("after")}soon(){this.timer??=setTimeout(()=>{this.timer=void 0,this.stopped||this.page.load()},ph)}render(){let e=this.page.value,n=td.some(i=>this.query.has(i));return c`<div class="head">
        <h1>Events</h1>
        ${this.control()}
      </div>
      ${this.filters()} ${te(this.page.problem)}
      ${e?e.events.length===0?n||this.query.has("after")?Ge("No event matches.",c`<a href="#/events">Show all events</a>`):Ge("No event has arrived yet.",Ka()):this.table(e):this.page.problem?$:Ae()}`}control(){if(this.query.has("after"))return c`<a class="button" href=${this.href({after:void 0})}>Back to the newest</a>`;let e=this.paused?"Paused":this.looking?"Paused while you look":"Live";return c`<div class="control">
      <span class="connection ${this.stopped?"wait":"ok"}" role="status"><span class="dot"></span>${e}</span>
      ${this.missed>0?c`<button class="primary" @click=${()=>{this.page.load()}}>${Be(this.missed,"new event")}</button>`:$}
      <button aria-pressed=${this.paused} @click=${this.toggle}>${j(this.paused?"play":"pause")}${this.paused?"Follow":"Pause"}</button>
    </div>`}filters(){let e=this.channels.value?.channels.map(r=>r.name)??[],n=r=>this.query.get(r)??"",i=(r,o,u)=>c`<select name=${r} @change=${this.filter}>
      <option value="" ?selected=${n(r)===""}>${u}</option>
      ${[...new Set([...o,n(r)])].filter(p=>p!=="").map(p=>c`<option value=${p} ?selected=${n(r)===p}>${p}</option>`)}
    </select>`;return c`<form class="filters" role="search" aria-label="Filter events" @submit=${this.filter}>
      <label>Type <input name="type" .value=${n("type")} placeholder="order.*" @change=${this.filter} /></label>
      <label>Status ${i("status",uh,"any")}</label>
      <label>Channel ${i("channel",e,"any")}</label>
      <label>Source <input name="source" .value=${n("source")} placeholder="/shop" @change=${this.filter} /></label>
      <label>Since <input name="since" .value=${n("since")} placeholder="15m, or a time" list="spans" @change=${this.filter} /></label>
      <label>Until <input name="until" .value=${n("until")} placeholder="a time" @change=${this.filter} /></label>
      <datalist id="spans">${["15m","1h","6h","1d","7d"].map(r=>c`<option value=${r}></option>`)}</datalist>
      <button>${j("search")}Filter</button>
      ${td.some(r=>this.query.has(r))?c`<a class="button quiet" href="#/events">${j("close")}Clear</a>`:$}
    </form>`}href(e){return W(["events"],{...Object.fromEntries(this.query),...e})}table(e){return c`${e.incomplete?c`<div class="alarm bad">${j("warning")}<span>A damaged part of the journal hides events. <code>fanfare doctor</code> shows the extent.</span></div>`:$}
      <div class="scroll" role="region" aria-label="Events, newest first" tabindex="0"><table
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
          ${e.events.map(({event:n,result:i,offset:r})=>{let{id:o,source:u,subject:p}=n;return c`<tr class=${this.fresh.has(r)?"fresh":""}>
              <td data-label="Recorded" class="narrow">${je(i.broadcast_at)}</td>
              <th scope="row" class="long">
                <a href=${W(["events",o],{source:u})}>${_(i.event_type,80)}</a>
                <div class="faint">${Y(o,60)}${p?c` · ${_(p,40)}`:$}</div>
              </th>
              <td data-label="Status">${pi(i.overall_status)}</td>
              <td data-label="Channels">
                <div class="chips">
                  ${Object.entries(i.channels).map(([f,v])=>cl(f,v.status,hh(f,v)))}
                </div>
              </td>
              <td data-label="Source">${_(u,40)}</td>
              <td data-label="Offset" class="number">${r}</td>
            </tr>`})}
        </tbody>
      </table></div>
      <div class="pager">
        ${e.next===null||e.next===void 0?$:c`<a class="button" href=${this.href({after:e.next})}>Older ${j("right")}</a>`}
      </div>`}};T([me({attribute:!1})],Ln.prototype,"query",2),T([Ee()],Ln.prototype,"paused",2),T([Ee()],Ln.prototype,"looking",2),T([Ee()],Ln.prototype,"missed",2),Ln=T([oe("ff-events")],Ln);function hh(t,s){let e=[`${t}: ${s.status}`,`${Be(s.attempts,"attempt")}`];return s.code&&e.push(`${s.class} ${s.code}: ${s.error??""}`),s.waiting_for&&e.push(`waiting for ${s.waiting_for}${s.until?` until ${s.until}`:""}`),s.reason&&e.push(`${s.reason}: ${s.detail??""}`),e.join(`
`)}var _i=class extends se{constructor(){super(...arguments);this.delivery="";this.text="";this.shown=new X(this,async e=>{let{value:n,text:i}=await ct("GET",`/v1/dead-letters/${Fe(this.delivery)}`,void 0,e),r=Rn(i,"event")??"";return this.text=r==="null"?"":r,n});this.channels=new X(this,e=>ue("/v1/channels",{},e))}willUpdate(e){e.has("delivery")&&e.get("delivery")&&this.shown.restart()}render(){let e=this.shown.value;if(!e)return c`<h1>Dead letter</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}
              <p>It may have been redriven or deleted. <a href="#/dead-letters">All dead letters</a></p>`:Ae()}`;let n=this.channels.value?.channels.find(o=>o.name===e.channel),i=n?.digest&&e.plugin&&!n.digest.startsWith(e.plugin),r=()=>Vt("#/dead-letters");return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/dead-letters">Dead letters</a> / ${Y(e.delivery_id)}</p>
          <h1>${_(e.event_type,120)} <span class="faint">to</span> ${_(e.channel,60)}</h1>
        </div>
        <div class="control">
          ${ke("Redrive","again","operate",()=>dn("replay",{delivery_id:e.delivery_id},r),{channel:e.channel})}
          ${ke("Delete","trash","admin",()=>this.purge(e,r),{channel:e.channel,danger:!0})}
        </div>
      </div>
      <div class="alarm bad">${j("failed")}<span>${Qe(e.class,e.code)} ${_(e.error,1e3)}</span></div>
      <div class="columns">
        <section class="panel" aria-labelledby="history">
          <div class="panel-head"><h2 id="history">${Be(e.history.length,"attempt")}</h2></div>
          <ol class="timeline">
            ${e.history.map(o=>c`<li class=${o.class?"bad":"ok"}>
                <span class="mark">${j(o.class?"failed":"success")}</span>
                <div class="step">
                  <div class="step-head"><b>attempt ${o.number}</b> <span class="faint">${o.trigger}</span> ${je(o.started)}</div>
                  ${ua(o)}
                </div>
              </li>`)}
          </ol>
        </section>
        <div>
          <section class="panel" aria-labelledby="letter">
            <div class="panel-head"><h2 id="letter">Delivery</h2></div>
            <dl class="facts">
              <div><dt>event</dt><dd><a href=${W(["events",e.event_id],{source:e.source})}>${Y(e.event_id)}</a></dd></div>
              <div><dt>source</dt><dd>${Y(e.source)}</dd></div>
              <div><dt>offset</dt><dd>${e.offset}</dd></div>
              <div><dt>channel</dt><dd><a href=${W(["channels",e.channel])}>${_(e.channel,60)}</a></dd></div>
              <div><dt>given up</dt><dd>${je(e.at)}</dd></div>
              <div><dt>plugin then</dt><dd>${Y(e.plugin??"none")}${i?c` <span class="faint">replaced since</span>`:""}</dd></div>
            </dl>
          </section>
          <section class="panel" aria-labelledby="event">
            <div class="panel-head"><h2 id="event">Event</h2></div>
            ${this.text===""?c`<p class="faint">The event is gone: retention has removed it.</p>`:c`<ff-payload .text=${this.text} label="Event"></ff-payload>`}
          </section>
        </div>
      </div>`}purge(e,n){ht({title:"Delete this dead letter?",body:"What is deleted cannot be redriven.",phrase:"delete",action:"Delete",danger:!0,act:async()=>(await ct("DELETE",`/v1/dead-letters/${Fe(e.delivery_id)}`),n(),"The dead letter is deleted.")})}};T([me()],_i.prototype,"delivery",2),_i=T([oe("ff-letter")],_i);var fh=500,wr=50,mh=["channel","type","class","code","since","until"],gh=["retry","throttled","rejected","suspended","trap","fuel","timeout","memory","denied","expired","host"],Ti=class extends se{constructor(){super(...arguments);this.query=new URLSearchParams;this.channels=new X(this,e=>ue("/v1/channels",{},e));this.page=new X(this,e=>this.load(e),5e3);this.jobs=new X(this,e=>ue("/v1/replays",{},e),2e3);this.many=wr;this.again=()=>{this.page.load(),this.jobs.load()};this.filter=e=>{e.preventDefault();let n=this.querySelector("form");if(n){let i=Object.fromEntries([...new FormData(n)].map(([r,o])=>[r,String(o).trim()]));Vt(W(["dead-letters"],i))}}}load(e){let n=this.query.get("after");return ue("/v1/dead-letters",{...Zi(this.query,new Date),order:"newest",limit:fh,after:n},e)}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&(this.many=wr,this.page.restart())}render(){let e=this.page.value,n=Zi(this.query,new Date),i=Xi(n),r=e?.dead_letters.length===0;return c`<div class="head">
        <h1>Dead letters</h1>
        <div class="control">
          ${ke(i?"Redrive these":"Redrive all","again","operate",()=>dn("replay",n,this.again),{off:r?"There is none.":void 0})}
          ${ke(i?"Purge these":"Purge all","trash","admin",()=>dn("purge",n,this.again),{danger:!0,off:r?"There is none.":void 0})}
        </div>
      </div>
      ${this.filters()} ${te(this.page.problem)}
      ${e?r?i?Ge("No dead letter matches.",c`<a href="#/dead-letters">Show all dead letters</a>`):Ge("There are no dead letters.",c`Every delivery has been delivered, skipped or is still pending. What is given up shows here
                with its reason, and can be redriven.`):c`${this.groups(e)} ${this.table(e)}`:this.page.problem?$:Ae()}
      ${this.jobsPanel()}`}filters(){let e=this.channels.value?.channels.map(r=>r.name)??[],n=r=>this.query.get(r)??"",i=(r,o)=>c`<select name=${r} @change=${this.filter}>
      <option value="" ?selected=${n(r)===""}>any</option>
      ${[...new Set([...o,n(r)])].filter(u=>u!=="").map(u=>c`<option value=${u} ?selected=${n(r)===u}>${u}</option>`)}
    </select>`;return c`<form class="filters" role="search" aria-label="Filter dead letters" @submit=${this.filter}>
      <label>Channel ${i("channel",e)}</label>
      <label>Type <input name="type" .value=${n("type")} placeholder="order.*" @change=${this.filter} /></label>
      <label>Class ${i("class",gh)}</label>
      <label>Code <input name="code" .value=${n("code")} placeholder="http_503" @change=${this.filter} /></label>
      <label>Since <input name="since" .value=${n("since")} placeholder="1d, or a time" @change=${this.filter} /></label>
      <label>Until <input name="until" .value=${n("until")} placeholder="a time" @change=${this.filter} /></label>
      <button>${j("search")}Filter</button>
      ${mh.some(r=>this.query.has(r))?c`<a class="button quiet" href="#/dead-letters">${j("close")}Clear</a>`:$}
    </form>`}groups(e){let n=ol(e.dead_letters),i=e.dead_letters.length,r=Object.fromEntries([...this.query].filter(([o])=>o!=="after"));return c`<section class="panel" aria-labelledby="groups">
      <div class="panel-head">
        <h2 id="groups">By code</h2>
        ${e.next!==null&&e.next!==void 0?c`<span class="faint">of the newest ${Q(i)}</span>`:$}
      </div>
      <ul class="groups">
        ${n.slice(0,12).map(o=>{let u={...Zi(this.query,new Date),channel:o.channel,class:o.class,code:o.code},p=`${o.code} on ${o.channel}`;return c`<li>
            <div class="group">
              <a href=${W(["dead-letters"],{...r,channel:o.channel,class:o.class,code:o.code})}>
                ${Qe(o.class,o.code)} <span class="faint">on</span> ${_(o.channel,60)}</a>
              <b>${Q(o.items.length)}</b>
            </div>
            ${ki(o.items.length/i,"bad")}
            <div class="group">
              <span class="faint">${_(o.items[0]?.error,120)}</span>
              <span class="control">
                ${ke("Redrive","again","operate",()=>dn("replay",u,this.again),{channel:o.channel,label:`Redrive ${p}`})}
                ${ke("Purge","trash","admin",()=>dn("purge",u,this.again),{channel:o.channel,danger:!0,label:`Purge ${p}`})}
              </span>
            </div>
          </li>`})}
      </ul>
    </section>`}table(e){let n=e.dead_letters.slice(0,this.many);return c`${e.incomplete?c`<div class="alarm bad">${j("warning")}<span>A damaged part of the journal hides dead letters.</span></div>`:$}
      <div class="scroll" role="region" aria-label="Dead letters, newest first" tabindex="0"><table class="cards">
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
              <td data-label="Given up" class="narrow">${je(i.at)}</td>
              <th scope="row" class="long">
                <a href=${W(["dead-letters",i.delivery_id])}>${_(i.event_type,80)}</a>
                <div class="faint">${Y(i.event_id,60)}</div>
              </th>
              <td data-label="Channel" class="name"><a href=${W(["channels",i.channel])}>${_(i.channel,60)}</a></td>
              <td data-label="Reason" class="text">${Qe(i.class,i.code)}<div class="faint">${_(i.error,140)}</div></td>
              <td data-label="Attempts" class="number">${i.attempts}</td>
              <td class="actions">
                ${ke("Redrive","again","operate",()=>dn("replay",{delivery_id:i.delivery_id},this.again),{channel:i.channel,label:`Redrive ${i.event_type} to ${i.channel}`})}
              </td>
            </tr>`)}
        </tbody>
      </table></div>
      <div class="pager">
        ${e.dead_letters.length>this.many?c`<button @click=${()=>{this.many+=wr,this.requestUpdate()}}>Show ${Math.min(wr,e.dead_letters.length-this.many)} more</button>`:e.next===null||e.next===void 0?$:c`<a class="button" href=${W(["dead-letters"],{...Object.fromEntries(this.query),after:e.next})}>Older ${j("right")}</a>`}
      </div>`}jobsPanel(){let e=this.jobs.value?.replays??[];return e.length===0?te(this.jobs.problem):c`<section class="panel" aria-labelledby="jobs">
      <div class="panel-head"><h2 id="jobs">Jobs</h2><span class="faint">Replays, redrives and purges, newest first</span></div>
      <div class="scroll" role="region" aria-label="Table of jobs" tabindex="0"><table class="cards">
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
              <td data-label="State">${at(n.state)}${n.error?c`<div class="bad-text">${_(n.error,200)}</div>`:$}</td>
              <td data-label="What" class="text">${Y(JSON.stringify(n.request),160)}</td>
              <td data-label="Progress">
                ${Q(r)} of ${Q(n.matched)}
                ${n.matched>0?ki(r/n.matched,"accent"):$}
                <div class="faint">
                  ${n.kind==="purge"?$:c`${Be(n.delivered,"delivered","delivered")}, ${Q(n.dead)} dead, ${Q(n.pending)} pending`}
                  ${n.skipped>0?c`, ${Q(n.skipped)} skipped`:$}
                </div>
              </td>
              <td data-label="Begun">${We(n.created_at)}</td>
              <td class="actions">
                ${i?c`${n.state==="running"?ke("Pause","pause","operate",()=>{this.job(n,"pause")},{label:`Pause job ${n.id}`}):ke("Resume","play","operate",()=>{this.job(n,"resume")},{label:`Resume job ${n.id}`})}
                    ${ke("Cancel","close","operate",()=>this.cancel(n),{danger:!0,label:`Cancel job ${n.id}`})}`:$}
              </td>
            </tr>`})}
        </tbody>
      </table></div>
    </section>`}async job(e,n){await ut(`/v1/replays/${Fe(String(e.id))}/${n}`).catch(()=>{}),this.jobs.load()}cancel(e){ht({title:`Cancel job ${e.id}?`,body:"It ends for good. What it has begun goes on; the rest is left as it is.",count:async()=>{let n=await ue(`/v1/replays/${Fe(String(e.id))}`),i=Math.max(0,n.matched-n.sent-n.skipped);return{matched:1,sentence:`${Q(i)} of ${Q(n.matched)} are left.`}},action:"Cancel the job",danger:!0,act:async()=>(await ut(`/v1/replays/${Fe(String(e.id))}/cancel`),this.jobs.load(),`Job ${e.id} is cancelled.`)})}};T([me({attribute:!1})],Ti.prototype,"query",2),Ti=T([oe("ff-letters")],Ti);var xr=class extends se{constructor(){super(...arguments);this.list=new X(this,e=>ue("/v1/plugins",{},e),5e3)}render(){let e=this.list.value;return c`<div class="head">
        <h1>Plugins</h1>
        ${ke("Reload","again","admin",()=>this.reload())}
      </div>
      ${te(this.list.problem)}
      ${e?c`${e.plugins.length===0?Ge("No plugin is in use.",c`Copy a <code>.wasm</code> file into the plugins folder, or name one that comes with Fanfare in
                  <code>config.toml</code>: <code>plugin = "builtin:webhook"</code>.`):c`<div class="plugins">${e.plugins.map(n=>this.plugin(n))}</div>`}
            ${this.reloads(e)}`:this.list.problem?$:Ae()}`}plugin(e){let n=[...e.channels,...e.stages??[]];return c`<section class="panel plugin">
      <div class="panel-head">
        <h2>${_(e.name,80)}</h2>
        <span class="control">
          ${e.kind?c`<span class="tag">${e.kind}</span>`:$} ${e.batches?c`<span class="tag">batches</span>`:$}
          ${e.error?at("failed"):e.configure?at("unconfigured"):at("active")}
        </span>
      </div>
      ${e.error?c`<div class="alarm bad">${_(e.error,1e3)}</div>`:$}
      ${e.configure?c`<p>It waits for this in <code>config.toml</code>:</p><pre class="command" tabindex="0">${e.configure}</pre>`:$}
      <dl class="facts">
        ${e.file?c`<div><dt>file</dt><dd>${Y(e.file,300)}</dd></div>`:$}
        <div><dt>digest</dt><dd title=${e.digest}>${Y(ci(e.digest))}${e.size?c` <span class="faint">${An(e.size)}</span>`:$}</dd></div>
        <div>
          <dt>used by</dt>
          <dd>
            ${n.length===0?c`<span class="faint">nothing</span>`:$}
            ${e.channels.map(i=>c`<a class="chip" href=${W(["channels",i])}>${_(i,60)}</a> `)}
            ${(e.stages??[]).map(i=>c`<a class="chip" href="#/channels">stage ${_(i,60)}</a> `)}
          </dd>
        </div>
        <div>
          <dt>would need</dt>
          <dd>
            ${(e.wants??[]).length===0?c`<span class="faint">no grant: it reaches nothing outside</span>`:(e.wants??[]).map(i=>c`<div><code>${i.grant}</code> <span class="faint">${i.why}</span></div>`)}
          </dd>
        </div>
      </dl>
      <details>
        <summary>${Be(e.imports?.length??0,"import")}, ${Be(e.exports?.length??0,"export")}</summary>
        <div class="columns">
          <div><h3>Imports</h3>${nd(e.imports)}</div>
          <div><h3>Exports</h3>${nd(e.exports)}</div>
        </div>
      </details>
    </section>`}reloads(e){return c`<section class="panel" aria-labelledby="reloads">
      <div class="panel-head"><h2 id="reloads">Reloads</h2><span class="faint">since the start, newest first</span></div>
      ${e.reloads.length===0?c`<p class="faint">Nothing has changed yet.</p>`:c`<ul class="lines">
            ${e.reloads.map(n=>c`<li>
                <span class="when">${je(n.at)}</span>
                <span class="what">
                  ${at(n.outcome)} ${n.changes.map(i=>c`<span class="detail">${_(i,400)}</span>`)}
                  ${n.errors.map(i=>c`<span class="detail bad-text">${_(i,600)}</span>`)}
                  ${n.changes.length+n.errors.length===0?c`<span class="detail">all is well again</span>`:$}
                </span>
              </li>`)}
          </ul>`}
    </section>`}reload(){ht({title:"Reload now?",body:"The daemon looks at the configuration and the plugins. What cannot be taken changes nothing, and says why.",action:"Reload",act:async()=>{let e=await ut("/v1/reload",void 0).finally(()=>{this.list.load()});return e.changes.length===0?"Nothing has changed.":c`${e.changes.map(n=>c`<div>${_(n,200)}</div>`)}`}})}};xr=T([oe("ff-plugins")],xr);function nd(t){return c`<ul class="names">${(t??[]).slice(0,200).map(s=>c`<li>${Y(s,200)}</li>`)}</ul>`}var os=class extends se{constructor(){super(...arguments);this.subject="";this.text="{}";this.shown=new X(this,async e=>{let{value:n,text:i}=await ct("GET",this.path,void 0,e);return this.text=i,n})}get path(){return`/v1/recipients/${Fe(this.subject)}`}willUpdate(e){e.has("subject")&&e.get("subject")&&(this.draft=void 0,this.shown.restart())}render(){let e=this.shown.value;if(!e)return c`<h1>Recipient</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}<p><a href="#/recipients">All recipients</a></p>`:Ae()}`;let n=e.changed_at!==void 0;return c`<div class="head">
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
        ${n?c`Set through the interface, ${je(e.changed_at)}. It takes the place of what a file says.`:"From a file of the configuration."}
      </p>
      ${this.draft===void 0?c`<section class="panel"><ff-payload .text=${this.text} label="The recipient"></ff-payload></section>`:c`<section class="panel">
            <label class="field">The recipient as JSON, in the place of what is on record
              <textarea rows="16" spellcheck="false" .value=${this.draft} @input=${i=>this.draft=i.target.value}></textarea>
            </label>
            ${te(this.wrong)}
            <div class="buttons">
              <button @click=${()=>this.draft=void 0}>Cancel</button>
              <button class="primary" ?disabled=${Ki("admin")!==void 0} @click=${()=>{this.save()}}>Save</button>
            </div>
          </section>`}`}edit(e){let{subject:n,source:i,changed_at:r,...o}=e;this.wrong=void 0,this.draft=JSON.stringify(o,null,2)}async save(){try{await ct("PUT",this.path,JSON.parse(this.draft??"{}")),this.draft=void 0,this.wrong=void 0,await this.shown.load(),da("The recipient is on record.")}catch(e){this.wrong=e instanceof SyntaxError?Mt(`It is not JSON: ${e.message}`):Mt(e)}}unset(){ht({title:"Remove what was set?",body:"What a file of the configuration says holds again, if there is anything.",phrase:"remove",action:"Remove",danger:!0,act:async()=>(await ct("DELETE",this.path),Vt("#/recipients"),"What was set is removed.")})}};T([me()],os.prototype,"subject",2),T([Ee()],os.prototype,"draft",2),T([Ee()],os.prototype,"wrong",2),os=T([oe("ff-recipient")],os);var Ei=class extends se{constructor(){super(...arguments);this.query=new URLSearchParams;this.list=new X(this,e=>ue("/v1/recipients",{prefix:this.query.get("prefix"),after:this.query.get("after"),limit:100},e));this.filter=e=>{e.preventDefault(),Vt(W(["recipients"],{prefix:this.querySelector("input")?.value.trim()}))}}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&this.list.restart()}render(){let e=this.list.value;return c`<div class="head"><h1>Recipients</h1></div>
      <form class="filters" role="search" aria-label="Find recipients" @submit=${this.filter}>
        <label>Subject begins with <input name="prefix" .value=${this.query.get("prefix")??""} placeholder="usr_" /></label>
        <button>${j("search")}Find</button>
        ${this.query.has("prefix")?c`<a class="button quiet" href="#/recipients">${j("close")}Clear</a>`:$}
      </form>
      ${te(this.list.problem)}
      ${e?e.recipients.length===0?this.query.has("prefix")?Ge("No recipient matches.",c`<a href="#/recipients">Show all recipients</a>`):Ge("There are no recipients on record.",c`Events with a <code>subject</code> may be for somebody with an address and preferences:
                <code>[recipients]</code> in <code>config.toml</code> names a file, or set one:
                <pre class="command" tabindex="0">curl -X PUT ${location.origin}/v1/recipients/usr_1 -H 'content-type: application/json' \\
  -d '{"email": "ada@example.com", "locale": "de"}'</pre>`):c`<div class="scroll" role="region" aria-label="Recipients" tabindex="0"><table class="cards">
              <thead>
                <tr>
                  <th scope="col">Subject</th><th scope="col">Email</th><th scope="col">Phone</th><th scope="col">Locale</th>
                  <th scope="col">Quiet hours</th><th scope="col">From</th>
                </tr>
              </thead>
              <tbody>
                ${e.recipients.map(n=>c`<tr>
                    <th scope="row"><a href=${W(["recipients",n.subject])}>${_(n.subject,80)}</a></th>
                    <td data-label="Email">${n.email?_(n.email,80):c`<span class="faint">–</span>`}</td>
                    <td data-label="Phone">${n.phone?_(n.phone,40):c`<span class="faint">–</span>`}</td>
                    <td data-label="Locale">${n.locale?_(n.locale,20):c`<span class="faint">–</span>`}</td>
                    <td data-label="Quiet hours">${vh(n.quiet)}</td>
                    <td data-label="From">${n.source}${n.changed_at?c` <span class="faint">${We(n.changed_at)}</span>`:$}</td>
                  </tr>`)}
              </tbody>
            </table></div>
            ${e.next?c`<div class="pager"><a class="button" href=${W(["recipients"],{prefix:this.query.get("prefix"),after:e.next})}>More ${j("right")}</a></div>`:$}`:this.list.problem?$:Ae()}`}};T([me({attribute:!1})],Ei.prototype,"query",2),Ei=T([oe("ff-recipients")],Ei);function vh(t){if(!t)return c`<span class="faint">the channel's</span>`;if(t==="none")return"none";let s=Array.isArray(t)?t:[t];return _(s.map(e=>`${e.from}–${e.to} ${e.zone}`).join("; "),100)}var Ai=class extends se{constructor(){super(...arguments);this.type="";this.example="";this.shown=new X(this,async e=>{let{value:n,text:i}=await ct("GET",`/v1/schemas/${Fe(this.type)}`,void 0,e);return this.example=Rn(i,"example")??"",n})}willUpdate(e){e.has("type")&&e.get("type")&&this.shown.restart()}render(){let e=this.shown.value;return e?c`<div class="head">
        <div>
          <p class="crumb"><a href="#/schemas">Schemas</a></p>
          <h1>${_(e.type,120)}</h1>
        </div>
        <a class="button" href=${W(["events"],{type:e.type})}>${Q(e.events)} events</a>
      </div>
      <p class="faint">The newest arrived ${We(e.last_seen)}.</p>
      <div class="columns">
        <section class="panel" aria-labelledby="example">
          <div class="panel-head"><h2 id="example">The newest event</h2></div>
          ${this.example?c`<ff-payload .text=${this.example} label="The newest event"></ff-payload>`:c`<p class="faint">It is gone.</p>`}
        </section>
        <div>
          ${e.definitions.length===0?c`<section class="panel"><h2>No schema</h2><p class="faint">Events of this type are accepted whatever their data.</p></section>`:e.definitions.map(n=>c`<section class="panel">
                  <div class="panel-head"><h2>${Y(n.name)}</h2><span class="tag">${n.mode}</span></div>
                  <p class="faint">${Y(n.file,200)}, ${Q(n.mismatches)} mismatches since the start</p>
                  <ff-payload .text=${JSON.stringify(n.schema??null)} label=${`Schema ${n.name}`}></ff-payload>
                </section>`)}
        </div>
      </div>`:c`<h1>Type</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}<p><a href="#/schemas">All types</a></p>`:Ae()}`}};T([me()],Ai.prototype,"type",2),Ai=T([oe("ff-schema")],Ai);var Mi=class extends se{constructor(){super(...arguments);this.query=new URLSearchParams;this.list=new X(this,e=>ue("/v1/schemas",{type:this.query.get("type"),after:this.query.get("after"),examples:"false",limit:100},e),1e4);this.filter=e=>{e.preventDefault(),Vt(W(["schemas"],{type:this.querySelector("input")?.value.trim()}))}}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&this.list.restart()}render(){let e=this.list.value;return c`<div class="head"><h1>Schemas</h1></div>
      <form class="filters" role="search" aria-label="Filter types" @submit=${this.filter}>
        <label>Type <input name="type" .value=${this.query.get("type")??""} placeholder="order.*" /></label>
        <button>${j("search")}Filter</button>
        ${this.query.has("type")?c`<a class="button quiet" href="#/schemas">${j("close")}Clear</a>`:$}
      </form>
      ${te(this.list.problem)}
      ${e?c`${this.types(e)} ${this.schemas(e)}`:this.list.problem?$:Ae()}`}types(e){return c`<section class="panel" aria-labelledby="types">
      <div class="panel-head">
        <h2 id="types">Types of events</h2>
        ${e.counted.others>0?c`<span class="faint">${Q(e.counted.others)} events are of types that are not told apart</span>`:$}
      </div>
      ${e.types.length===0?this.query.has("type")?Ge("No type matches.",c`<a href="#/schemas">Show all types</a>`):Ge("No event has arrived yet.","Every type of event shows here with how many there are, the newest one, and its schema."):c`<div class="scroll" role="region" aria-label="Table of types" tabindex="0"><table class="cards">
            <thead>
              <tr><th scope="col">Type</th><th scope="col" class="number">Events</th><th scope="col">Newest</th><th scope="col">Schemas</th></tr>
            </thead>
            <tbody>
              ${e.types.map(n=>c`<tr>
                  <th scope="row"><a href=${W(["schemas",n.type])}>${_(n.type,120)}</a></th>
                  <td data-label="Events" class="number"><a href=${W(["events"],{type:n.type})}>${Q(n.events)}</a></td>
                  <td data-label="Newest">${We(n.last_seen)}</td>
                  <td data-label="Schemas">${n.schemas.length===0?c`<span class="faint">none</span>`:n.schemas.map(i=>c`<span class="pair">${Y(i)}</span> `)}</td>
                </tr>`)}
            </tbody>
          </table></div>`}
      ${e.next?c`<div class="pager"><a class="button" href=${W(["schemas"],{type:this.query.get("type"),after:e.next})}>More ${j("right")}</a></div>`:$}
    </section>`}schemas(e){return c`<section class="panel" aria-labelledby="in-force">
      <div class="panel-head"><h2 id="in-force">Schemas in force</h2></div>
      ${e.schemas.length===0?c`<p class="faint">None: every event is accepted. <code>[schemas."user.signup"]</code> in <code>config.toml</code> names a JSON Schema for a type.</p>`:c`<div class="scroll" role="region" aria-label="Table of schemas" tabindex="0"><table class="cards">
            <thead>
              <tr>
                <th scope="col">Schema</th><th scope="col">Who does not match</th><th scope="col">File</th><th scope="col" class="number">Mismatches</th>
              </tr>
            </thead>
            <tbody>
              ${e.schemas.map(n=>c`<tr>
                  <th scope="row">${Y(n.name)}${n.dataschema?c`<div class="faint">${Y(n.dataschema)}</div>`:$}</th>
                  <td data-label="Who does not match">${n.mode==="warn"?"is accepted, and counted":"is rejected"}</td>
                  <td data-label="File">${Y(n.file,200)}</td>
                  <td data-label="Mismatches" class="number">${n.mismatches>0?c`<span class="bad-text">${Q(n.mismatches)}</span>`:"0"}</td>
                </tr>`)}
            </tbody>
          </table></div>`}
    </section>`}};T([me({attribute:!1})],Mi.prototype,"query",2),Mi=T([oe("ff-schemas")],Mi);var Fs=class extends se{constructor(){super(...arguments);this.busy=!1;this.submit=async e=>{e.preventDefault();let n=this.querySelector("input");if(!(!n||this.busy)){this.busy=!0,this.problem=void 0;try{await Zo(n.value.trim())}catch(i){this.problem=Mt(i),n.select()}this.busy=!1}}}firstUpdated(){this.querySelector("input")?.focus()}render(){return c`<main class="sign-in" id="content">
      <form @submit=${this.submit}>
        <p class="wordmark"><img src="/dashboard.svg" alt="" width="36" height="36" />Fanfare</p>
        <h1>Sign in</h1>
        <label class="field">Access token
          <input type="password" name="token" autocomplete="current-password" required spellcheck="false" />
        </label>
        ${te(this.problem)}
        <button class="primary" ?disabled=${this.busy}>${this.busy?"Signing in …":"Sign in"}</button>
        <p class="faint">The tokens are those of the configuration. This page keeps none: the daemon sets a cookie that scripts cannot read.</p>
      </form>
    </main>`}};T([Ee()],Fs.prototype,"busy",2),T([Ee()],Fs.prototype,"problem",2),Fs=T([oe("ff-sign-in")],Fs);var bh=5e3,sd=[{page:"overview",name:"Overview",icon:"overview"},{page:"events",name:"Events",icon:"events"},{page:"channels",name:"Channels",icon:"channels"},{page:"dead-letters",name:"Dead letters",icon:"letters"},{page:"plugins",name:"Plugins",icon:"plugins"},{page:"schemas",name:"Schemas",icon:"schemas"},{page:"recipients",name:"Recipients",icon:"recipients"},{page:"config",name:"Config",icon:"config"}],$h=new Map(sd.map(({page:t,name:s})=>[t,s])),Ws=class extends se{constructor(){super(...arguments);this.route=sa(location.hash);this.open=!1;this.session=new ln(this,cn);this.theme=new ln(this,Zn);this.live=new ln(this,Ct);this.reached=new ln(this,Gi);this.notices=new ln(this,Cs);this.moved=async()=>{if(!location.hash.startsWith("#/")&&location.hash!=="")return;let e=this.route;this.route=sa(location.hash),this.open=!1,this.name(),await this.updateComplete,(e.page!==this.route.page||e.rest.join("/")!==this.route.rest.join("/"))&&(window.scrollTo(0,0),this.querySelector("#content")?.focus({preventScroll:!0}))}}connectedCallback(){super.connectedCallback(),addEventListener("hashchange",this.moved),this.name(),la()}disconnectedCallback(){super.disconnectedCallback(),removeEventListener("hashchange",this.moved)}name(){let[e]=this.route.rest,n=$h.get(this.route.page)??"Not found";document.title=`${e?`${be(e,60)} · `:""}${n} · Fanfare`}render(){let e=this.session.value;return e.state==="out"?c`<ff-sign-in></ff-sign-in>`:c`<a class="skip" href="#content" @click=${this.skip}>Skip to the content</a>
      <div class="side"><header class="top">
        <a class="wordmark" href="#/"><img src="/dashboard.svg" alt="" width="26" height="26" />Fanfare</a>
        <button class="quiet menu" aria-expanded=${this.open} aria-controls="navigation" @click=${()=>this.open=!this.open}>
          ${j(this.open?"close":"menu")}<span class="hidden">Menu</span>
        </button>
        <nav id="navigation" aria-label="Pages" class=${this.open?"open":""}>
          ${e.state==="in"?c`<ff-navigation .page=${this.route.page}></ff-navigation>`:$}
          <div class="foot">${this.connection()} ${this.themes()} ${this.who()}</div>
        </nav>
      </header></div>
      <main id="content" tabindex="-1">
        ${e.state==="failed"?te(e.problem):$} ${e.state==="in"?this.page():$}
      </main>
      ${il(this.notices.value)}
      <ff-dialog></ff-dialog>`}page(){let{page:e,rest:n,query:i}=this.route,[r]=n;switch(e){case"overview":return c`<ff-overview></ff-overview>`;case"events":return r?c`<ff-event .event=${r} .source=${i.get("source")??""}></ff-event>`:c`<ff-events .query=${i}></ff-events>`;case"channels":return r?c`<ff-channel .channel=${r}></ff-channel>`:c`<ff-channels></ff-channels>`;case"dead-letters":return r?c`<ff-letter .delivery=${r}></ff-letter>`:c`<ff-letters .query=${i}></ff-letters>`;case"plugins":return c`<ff-plugins></ff-plugins>`;case"schemas":return r?c`<ff-schema .type=${r}></ff-schema>`:c`<ff-schemas .query=${i}></ff-schemas>`;case"recipients":return r?c`<ff-recipient .subject=${r}></ff-recipient>`:c`<ff-recipients .query=${i}></ff-recipients>`;case"config":return c`<ff-config></ff-config>`;default:return c`<h1>There is no such page</h1>
          <p><a href="#/">The overview</a> leads to all of them.</p>`}}connection(){let e={idle:["ok","Up to date"],connecting:["wait","Connecting …"],open:["ok","Live"],broken:["bad","Stream lost"]},[n,i]=this.reached.value?e[this.live.value.state]:["bad","Not reachable"];return c`<span class="connection ${n}" role="status"><span class="dot"></span>${i}</span>`}themes(){return c`<div class="themes" role="group" aria-label="Colours">
      ${[["system","system","As the system has it"],["light","sun","Light"],["dark","moon","Dark"]].map(([n,i,r])=>c`<button
          class="quiet"
          title=${r}
          aria-label=${r}
          aria-pressed=${this.theme.value===n}
          @click=${()=>el(n)}
        >
          ${j(i)}
        </button>`)}
    </div>`}who(){let e=this.session.value;return e.state==="in"&&e.who.required?c`<div class="who">
          <span title=${`Scopes: ${e.who.scopes.join(", ")}`}>${be(e.who.name??"",40)}</span>
          <button class="quiet" @click=${()=>{Xo()}}>${j("out")}Sign out</button>
        </div>`:$}skip(e){e.preventDefault(),this.querySelector("#content")?.focus()}};T([Ee()],Ws.prototype,"route",2),T([Ee()],Ws.prototype,"open",2),Ws=T([oe("ff-app")],Ws);var Pi=class extends se{constructor(){super(...arguments);this.stats=new X(this,e=>ue("/v1/stats",{},e),bh)}render(){let n=Object.values(this.stats.value?.channels??{}).reduce((o,u)=>o+u.dead_letters,0),i=this.stats.value?.last_reload?.outcome==="rejected",r={"dead-letters":n>0?c`<span class="badge bad">${Q(n)}<span class="hidden"> dead letters</span></span>`:$,config:i?c`<span class="badge bad">!<span class="hidden"> the last reload was rejected</span></span>`:$};return c`<ul>
      ${sd.map(({page:o,name:u,icon:p})=>c`<li>
          <a href=${W(o==="overview"?[]:[o])} aria-current=${o===this.page?"page":"false"}>
            ${j(p)}<span>${u}</span>${r[o]??$}
          </a>
        </li>`)}
    </ul>`}};Pi.properties={page:{}},Pi=T([oe("ff-navigation")],Pi);export{Ws as App,Pi as Navigation};
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
