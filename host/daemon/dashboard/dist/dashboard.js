var Ld=Object.defineProperty;var Nd=Object.getOwnPropertyDescriptor;var T=(t,n,e,s)=>{for(var i=s>1?void 0:s?Nd(n,e):n,r=t.length-1,l;r>=0;r--)(l=t[r])&&(i=(s?l(n,e,i):l(i))||i);return s&&i&&Ld(n,e,i),i};var Vi=globalThis,Fi=Vi.ShadowRoot&&(Vi.ShadyCSS===void 0||Vi.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype,Al=Symbol(),El=new WeakMap,Ii=class{constructor(n,e,s){if(this._$cssResult$=!0,s!==Al)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=n,this.t=e}get styleSheet(){let n=this.o,e=this.t;if(Fi&&n===void 0){let s=e!==void 0&&e.length===1;s&&(n=El.get(e)),n===void 0&&((this.o=n=new CSSStyleSheet).replaceSync(this.cssText),s&&El.set(e,n))}return n}toString(){return this.cssText}},Pl=t=>new Ii(typeof t=="string"?t:t+"",void 0,Al);var Ml=(t,n)=>{if(Fi)t.adoptedStyleSheets=n.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let e of n){let s=document.createElement("style"),i=Vi.litNonce;i!==void 0&&s.setAttribute("nonce",i),s.textContent=e.cssText,t.appendChild(s)}},Br=Fi?t=>t:t=>t instanceof CSSStyleSheet?(n=>{let e="";for(let s of n.cssRules)e+=s.cssText;return Pl(e)})(t):t;var{is:Od,defineProperty:qd,getOwnPropertyDescriptor:zd,getOwnPropertyNames:Hd,getOwnPropertySymbols:jd,getPrototypeOf:Vd}=Object,Wi=globalThis,Cl=Wi.trustedTypes,Id=Cl?Cl.emptyScript:"",Fd=Wi.reactiveElementPolyfillSupport,Xn=(t,n)=>t,ei={toAttribute(t,n){switch(n){case Boolean:t=t?Id:null;break;case Object:case Array:t=t==null?t:JSON.stringify(t)}return t},fromAttribute(t,n){let e=t;switch(n){case Boolean:e=t!==null;break;case Number:e=t===null?null:Number(t);break;case Object:case Array:try{e=JSON.parse(t)}catch{e=null}}return e}},Ui=(t,n)=>!Od(t,n),Rl={attribute:!0,type:String,converter:ei,reflect:!1,useDefault:!1,hasChanged:Ui};Symbol.metadata??=Symbol("metadata"),Wi.litPropertyMetadata??=new WeakMap;var fs=class extends HTMLElement{static addInitializer(n){this._$Ei(),(this.l??=[]).push(n)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(n,e=Rl){if(e.state&&(e.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(n)&&((e=Object.create(e)).wrapped=!0),this.elementProperties.set(n,e),!e.noAccessor){let s=Symbol(),i=this.getPropertyDescriptor(n,s,e);i!==void 0&&qd(this.prototype,n,i)}}static getPropertyDescriptor(n,e,s){let{get:i,set:r}=zd(this.prototype,n)??{get(){return this[e]},set(l){this[e]=l}};return{get:i,set(l){let d=i?.call(this);r?.call(this,l),this.requestUpdate(n,d,s)},configurable:!0,enumerable:!0}}static getPropertyOptions(n){return this.elementProperties.get(n)??Rl}static _$Ei(){if(this.hasOwnProperty(Xn("elementProperties")))return;let n=Vd(this);n.finalize(),n.l!==void 0&&(this.l=[...n.l]),this.elementProperties=new Map(n.elementProperties)}static finalize(){if(this.hasOwnProperty(Xn("finalized")))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(Xn("properties"))){let e=this.properties,s=[...Hd(e),...jd(e)];for(let i of s)this.createProperty(i,e[i])}let n=this[Symbol.metadata];if(n!==null){let e=litPropertyMetadata.get(n);if(e!==void 0)for(let[s,i]of e)this.elementProperties.set(s,i)}this._$Eh=new Map;for(let[e,s]of this.elementProperties){let i=this._$Eu(e,s);i!==void 0&&this._$Eh.set(i,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(n){let e=[];if(Array.isArray(n)){let s=new Set(n.flat(1/0).reverse());for(let i of s)e.unshift(Br(i))}else n!==void 0&&e.push(Br(n));return e}static _$Eu(n,e){let s=e.attribute;return s===!1?void 0:typeof s=="string"?s:typeof n=="string"?n.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(n=>this.enableUpdating=n),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(n=>n(this))}addController(n){(this._$EO??=new Set).add(n),this.renderRoot!==void 0&&this.isConnected&&n.hostConnected?.()}removeController(n){this._$EO?.delete(n)}_$E_(){let n=new Map,e=this.constructor.elementProperties;for(let s of e.keys())this.hasOwnProperty(s)&&(n.set(s,this[s]),delete this[s]);n.size>0&&(this._$Ep=n)}createRenderRoot(){let n=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return Ml(n,this.constructor.elementStyles),n}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(n=>n.hostConnected?.())}enableUpdating(n){}disconnectedCallback(){this._$EO?.forEach(n=>n.hostDisconnected?.())}attributeChangedCallback(n,e,s){this._$AK(n,s)}_$ET(n,e){let s=this.constructor.elementProperties.get(n),i=this.constructor._$Eu(n,s);if(i!==void 0&&s.reflect===!0){let r=(s.converter?.toAttribute!==void 0?s.converter:ei).toAttribute(e,s.type);this._$Em=n,r==null?this.removeAttribute(i):this.setAttribute(i,r),this._$Em=null}}_$AK(n,e){let s=this.constructor,i=s._$Eh.get(n);if(i!==void 0&&this._$Em!==i){let r=s.getPropertyOptions(i),l=typeof r.converter=="function"?{fromAttribute:r.converter}:r.converter?.fromAttribute!==void 0?r.converter:ei;this._$Em=i;let d=l.fromAttribute(e,r.type);this[i]=d??this._$Ej?.get(i)??d,this._$Em=null}}requestUpdate(n,e,s,i=!1,r){if(n!==void 0){let l=this.constructor;if(i===!1&&(r=this[n]),s??=l.getPropertyOptions(n),!((s.hasChanged??Ui)(r,e)||s.useDefault&&s.reflect&&r===this._$Ej?.get(n)&&!this.hasAttribute(l._$Eu(n,s))))return;this.C(n,e,s)}this.isUpdatePending===!1&&(this._$ES=this._$EP())}C(n,e,{useDefault:s,reflect:i,wrapped:r},l){s&&!(this._$Ej??=new Map).has(n)&&(this._$Ej.set(n,l??e??this[n]),r!==!0||l!==void 0)||(this._$AL.has(n)||(this.hasUpdated||s||(e=void 0),this._$AL.set(n,e)),i===!0&&this._$Em!==n&&(this._$Eq??=new Set).add(n))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let n=this.scheduleUpdate();return n!=null&&await n,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[i,r]of this._$Ep)this[i]=r;this._$Ep=void 0}let s=this.constructor.elementProperties;if(s.size>0)for(let[i,r]of s){let{wrapped:l}=r,d=this[i];l!==!0||this._$AL.has(i)||d===void 0||this.C(i,void 0,r,d)}}let n=!1,e=this._$AL;try{n=this.shouldUpdate(e),n?(this.willUpdate(e),this._$EO?.forEach(s=>s.hostUpdate?.()),this.update(e)):this._$EM()}catch(s){throw n=!1,this._$EM(),s}n&&this._$AE(e)}willUpdate(n){}_$AE(n){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(n)),this.updated(n)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(n){return!0}update(n){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(n){}firstUpdated(n){}};fs.elementStyles=[],fs.shadowRootOptions={mode:"open"},fs[Xn("elementProperties")]=new Map,fs[Xn("finalized")]=new Map,Fd?.({ReactiveElement:fs}),(Wi.reactiveElementVersions??=[]).push("2.1.2");var Xr=globalThis,Dl=t=>t,Bi=Xr.trustedTypes,Ll=Bi?Bi.createPolicy("lit-html",{createHTML:t=>t}):void 0,jl="$lit$",_s=`lit$${Math.random().toFixed(9).slice(2)}$`,Vl="?"+_s,Wd=`<${Vl}>`,Bs=document,si=()=>Bs.createComment(""),ni=t=>t===null||typeof t!="object"&&typeof t!="function",ea=Array.isArray,Ud=t=>ea(t)||typeof t?.[Symbol.iterator]=="function",Gr=`[ 	
\f\r]`,ti=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Nl=/-->/g,Ol=/>/g,Ws=RegExp(`>|${Gr}(?:([^\\s"'>=/]+)(${Gr}*=${Gr}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),ql=/'/g,zl=/"/g,Il=/^(?:script|style|textarea|title)$/i,ta=t=>(n,...e)=>({_$litType$:t,strings:n,values:e}),c=ta(1),ae=ta(2),Ah=ta(3),Gs=Symbol.for("lit-noChange"),$=Symbol.for("lit-nothing"),Hl=new WeakMap,Us=Bs.createTreeWalker(Bs,129);function Fl(t,n){if(!ea(t)||!t.hasOwnProperty("raw"))throw Error("invalid template strings array");return Ll!==void 0?Ll.createHTML(n):n}var Bd=(t,n)=>{let e=t.length-1,s=[],i,r=n===2?"<svg>":n===3?"<math>":"",l=ti;for(let d=0;d<e;d++){let u=t[d],f,v,g=-1,y=0;for(;y<u.length&&(l.lastIndex=y,v=l.exec(u),v!==null);)y=l.lastIndex,l===ti?v[1]==="!--"?l=Nl:v[1]!==void 0?l=Ol:v[2]!==void 0?(Il.test(v[2])&&(i=RegExp("</"+v[2],"g")),l=Ws):v[3]!==void 0&&(l=Ws):l===Ws?v[0]===">"?(l=i??ti,g=-1):v[1]===void 0?g=-2:(g=l.lastIndex-v[2].length,f=v[1],l=v[3]===void 0?Ws:v[3]==='"'?zl:ql):l===zl||l===ql?l=Ws:l===Nl||l===Ol?l=ti:(l=Ws,i=void 0);let P=l===Ws&&t[d+1].startsWith("/>")?" ":"";r+=l===ti?u+Wd:g>=0?(s.push(f),u.slice(0,g)+jl+u.slice(g)+_s+P):u+_s+(g===-2?d:P)}return[Fl(t,r+(t[e]||"<?>")+(n===2?"</svg>":n===3?"</math>":"")),s]},ii=class t{constructor({strings:n,_$litType$:e},s){let i;this.parts=[];let r=0,l=0,d=n.length-1,u=this.parts,[f,v]=Bd(n,e);if(this.el=t.createElement(f,s),Us.currentNode=this.el.content,e===2||e===3){let g=this.el.content.firstChild;g.replaceWith(...g.childNodes)}for(;(i=Us.nextNode())!==null&&u.length<d;){if(i.nodeType===1){if(i.hasAttributes())for(let g of i.getAttributeNames())if(g.endsWith(jl)){let y=v[l++],P=i.getAttribute(g).split(_s),C=/([.?@])?(.*)/.exec(y);u.push({type:1,index:r,name:C[2],strings:P,ctor:C[1]==="."?Jr:C[1]==="?"?Kr:C[1]==="@"?Qr:An}),i.removeAttribute(g)}else g.startsWith(_s)&&(u.push({type:6,index:r}),i.removeAttribute(g));if(Il.test(i.tagName)){let g=i.textContent.split(_s),y=g.length-1;if(y>0){i.textContent=Bi?Bi.emptyScript:"";for(let P=0;P<y;P++)i.append(g[P],si()),Us.nextNode(),u.push({type:2,index:++r});i.append(g[y],si())}}}else if(i.nodeType===8)if(i.data===Vl)u.push({type:2,index:r});else{let g=-1;for(;(g=i.data.indexOf(_s,g+1))!==-1;)u.push({type:7,index:r}),g+=_s.length-1}r++}}static createElement(n,e){let s=Bs.createElement("template");return s.innerHTML=n,s}};function En(t,n,e=t,s){if(n===Gs)return n;let i=s!==void 0?e._$Co?.[s]:e._$Cl,r=ni(n)?void 0:n._$litDirective$;return i?.constructor!==r&&(i?._$AO?.(!1),r===void 0?i=void 0:(i=new r(t),i._$AT(t,e,s)),s!==void 0?(e._$Co??=[])[s]=i:e._$Cl=i),i!==void 0&&(n=En(t,i._$AS(t,n.values),i,s)),n}var Yr=class{constructor(n,e){this._$AV=[],this._$AN=void 0,this._$AD=n,this._$AM=e}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(n){let{el:{content:e},parts:s}=this._$AD,i=(n?.creationScope??Bs).importNode(e,!0);Us.currentNode=i;let r=Us.nextNode(),l=0,d=0,u=s[0];for(;u!==void 0;){if(l===u.index){let f;u.type===2?f=new ri(r,r.nextSibling,this,n):u.type===1?f=new u.ctor(r,u.name,u.strings,this,n):u.type===6&&(f=new Zr(r,this,n)),this._$AV.push(f),u=s[++d]}l!==u?.index&&(r=Us.nextNode(),l++)}return Us.currentNode=Bs,i}p(n){let e=0;for(let s of this._$AV)s!==void 0&&(s.strings!==void 0?(s._$AI(n,s,e),e+=s.strings.length-2):s._$AI(n[e])),e++}},ri=class t{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(n,e,s,i){this.type=2,this._$AH=$,this._$AN=void 0,this._$AA=n,this._$AB=e,this._$AM=s,this.options=i,this._$Cv=i?.isConnected??!0}get parentNode(){let n=this._$AA.parentNode,e=this._$AM;return e!==void 0&&n?.nodeType===11&&(n=e.parentNode),n}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(n,e=this){n=En(this,n,e),ni(n)?n===$||n==null||n===""?(this._$AH!==$&&this._$AR(),this._$AH=$):n!==this._$AH&&n!==Gs&&this._(n):n._$litType$!==void 0?this.$(n):n.nodeType!==void 0?this.T(n):Ud(n)?this.k(n):this._(n)}O(n){return this._$AA.parentNode.insertBefore(n,this._$AB)}T(n){this._$AH!==n&&(this._$AR(),this._$AH=this.O(n))}_(n){this._$AH!==$&&ni(this._$AH)?this._$AA.nextSibling.data=n:this.T(Bs.createTextNode(n)),this._$AH=n}$(n){let{values:e,_$litType$:s}=n,i=typeof s=="number"?this._$AC(n):(s.el===void 0&&(s.el=ii.createElement(Fl(s.h,s.h[0]),this.options)),s);if(this._$AH?._$AD===i)this._$AH.p(e);else{let r=new Yr(i,this),l=r.u(this.options);r.p(e),this.T(l),this._$AH=r}}_$AC(n){let e=Hl.get(n.strings);return e===void 0&&Hl.set(n.strings,e=new ii(n)),e}k(n){ea(this._$AH)||(this._$AH=[],this._$AR());let e=this._$AH,s,i=0;for(let r of n)i===e.length?e.push(s=new t(this.O(si()),this.O(si()),this,this.options)):s=e[i],s._$AI(r),i++;i<e.length&&(this._$AR(s&&s._$AB.nextSibling,i),e.length=i)}_$AR(n=this._$AA.nextSibling,e){for(this._$AP?.(!1,!0,e);n!==this._$AB;){let s=Dl(n).nextSibling;Dl(n).remove(),n=s}}setConnected(n){this._$AM===void 0&&(this._$Cv=n,this._$AP?.(n))}},An=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(n,e,s,i,r){this.type=1,this._$AH=$,this._$AN=void 0,this.element=n,this.name=e,this._$AM=i,this.options=r,s.length>2||s[0]!==""||s[1]!==""?(this._$AH=Array(s.length-1).fill(new String),this.strings=s):this._$AH=$}_$AI(n,e=this,s,i){let r=this.strings,l=!1;if(r===void 0)n=En(this,n,e,0),l=!ni(n)||n!==this._$AH&&n!==Gs,l&&(this._$AH=n);else{let d=n,u,f;for(n=r[0],u=0;u<r.length-1;u++)f=En(this,d[s+u],e,u),f===Gs&&(f=this._$AH[u]),l||=!ni(f)||f!==this._$AH[u],f===$?n=$:n!==$&&(n+=(f??"")+r[u+1]),this._$AH[u]=f}l&&!i&&this.j(n)}j(n){n===$?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,n??"")}},Jr=class extends An{constructor(){super(...arguments),this.type=3}j(n){this.element[this.name]=n===$?void 0:n}},Kr=class extends An{constructor(){super(...arguments),this.type=4}j(n){this.element.toggleAttribute(this.name,!!n&&n!==$)}},Qr=class extends An{constructor(n,e,s,i,r){super(n,e,s,i,r),this.type=5}_$AI(n,e=this){if((n=En(this,n,e,0)??$)===Gs)return;let s=this._$AH,i=n===$&&s!==$||n.capture!==s.capture||n.once!==s.once||n.passive!==s.passive,r=n!==$&&(s===$||i);i&&this.element.removeEventListener(this.name,this,s),r&&this.element.addEventListener(this.name,this,n),this._$AH=n}handleEvent(n){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,n):this._$AH.handleEvent(n)}},Zr=class{constructor(n,e,s){this.element=n,this.type=6,this._$AN=void 0,this._$AM=e,this.options=s}get _$AU(){return this._$AM._$AU}_$AI(n){En(this,n)}};var Gd=Xr.litHtmlPolyfillSupport;Gd?.(ii,ri),(Xr.litHtmlVersions??=[]).push("3.3.3");var Wl=(t,n,e)=>{let s=e?.renderBefore??n,i=s._$litPart$;if(i===void 0){let r=e?.renderBefore??null;s._$litPart$=i=new ri(n.insertBefore(si(),r),r,void 0,e??{})}return i._$AI(t),i};var sa=globalThis,Ts=class extends fs{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let n=super.createRenderRoot();return this.renderOptions.renderBefore??=n.firstChild,n}update(n){let e=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(n),this._$Do=Wl(e,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return Gs}};Ts._$litElement$=!0,Ts.finalized=!0,sa.litElementHydrateSupport?.({LitElement:Ts});var Yd=sa.litElementPolyfillSupport;Yd?.({LitElement:Ts});(sa.litElementVersions??=[]).push("4.2.2");var le=t=>(n,e)=>{e!==void 0?e.addInitializer(()=>{customElements.define(t,n)}):customElements.define(t,n)};var Jd={attribute:!0,type:String,converter:ei,reflect:!1,hasChanged:Ui},Kd=(t=Jd,n,e)=>{let{kind:s,metadata:i}=e,r=globalThis.litPropertyMetadata.get(i);if(r===void 0&&globalThis.litPropertyMetadata.set(i,r=new Map),s==="setter"&&((t=Object.create(t)).wrapped=!0),r.set(e.name,t),s==="accessor"){let{name:l}=e;return{set(d){let u=n.get.call(this);n.set.call(this,d),this.requestUpdate(l,u,t,!0,d)},init(d){return d!==void 0&&this.C(l,void 0,t,d),d}}}if(s==="setter"){let{name:l}=e;return function(d){let u=this[l];n.call(this,d),this.requestUpdate(l,u,t,!0,d)}}throw Error("Unsupported decorator location: "+s)};function me(t){return(n,e)=>typeof e=="object"?Kd(t,n,e):((s,i,r)=>{let l=i.hasOwnProperty(r);return i.constructor.createProperty(r,s),l?Object.getOwnPropertyDescriptor(i,r):void 0})(t,n,e)}function Ee(t){return me({...t,state:!0,attribute:!1})}var Ys=(t,n,e)=>(e.configurable=!0,e.enumerable=!0,Reflect.decorate&&typeof n!="object"&&Object.defineProperty(t,n,e),e);function Ul(t,n){return(e,s,i)=>{let r=l=>l.renderRoot?.querySelector(t)??null;if(n){let{get:l,set:d}=typeof s=="object"?e:i??(()=>{let u=Symbol();return{get(){return this[u]},set(f){this[u]=f}}})();return Ys(e,s,{get(){let u=l.call(this);return u===void 0&&(u=r(this),(u!==null||this.hasUpdated)&&d.call(this,u)),u}})}return Ys(e,s,{get(){return r(this)}})}}function na(t){let n=t.replace(/^#\/?/,""),e=n.indexOf("?"),s=e<0?n:n.slice(0,e),[i="",...r]=s.split("/").map(Qd);return{page:i||"overview",rest:r,query:new URLSearchParams(e<0?"":n.slice(e+1))}}function Qd(t){try{return decodeURIComponent(t)}catch{return t}}function W(t,n={}){let e=ai(n);return`#/${t.map(encodeURIComponent).join("/")}${e}`}function ai(t){let n=new URLSearchParams;for(let[s,i]of Object.entries(t))i!=null&&i!==""&&n.set(s,String(i));let e=n.toString();return e?`?${e}`:""}function Vt(t){window.location.hash=t}var It=class{constructor(n){this.now=n;this.watchers=new Set}get value(){return this.now}set(n){n!==this.now&&(this.now=n,this.again())}again(){for(let n of[...this.watchers])n()}watch(n){return this.watchers.add(n),()=>this.watchers.delete(n)}},ls=class{constructor(n,e){this.host=n;this.store=e;n.addController(this)}get value(){return this.store.value}hostConnected(){this.stop=this.store.watch(()=>this.host.requestUpdate())}hostDisconnected(){this.stop?.()}};var Js=class extends Error{constructor(e,s,i,r=[],l){super(s);this.status=e;this.title=s;this.detail=i;this.errors=r;this.retryAfter=l}},Gi=new It(!0),Bl=()=>{};function Gl(t){Bl=t}async function ct(t,n,e,s){let i={method:t,headers:{accept:"application/json"},credentials:"same-origin"};s&&(i.signal=s),e!==void 0&&(i.body=JSON.stringify(e),i.headers={...i.headers,"content-type":"application/json"});let r,l;try{r=await fetch(n,i),l=await r.text()}catch(d){throw s?.aborted?d:(Gi.set(!1),new Js(0,"The daemon does not answer","It may have stopped, or be starting. This page tries again by itself."))}if(Gi.set(!0),r.ok)return{value:l===""?void 0:JSON.parse(l),text:l,status:r.status};throw r.status===401&&n!=="/v1/session"&&Bl(),Zd(r,l)}function Zd(t,n){let e=Number(t.headers.get("retry-after")??Number.NaN),s=Number.isFinite(e)?e:void 0;try{let i=JSON.parse(n),r=i.title??`The daemon answered ${t.status}`;return new Js(t.status,r,i.detail??"",i.errors??[],s)}catch{return new Js(t.status,`The daemon answered ${t.status}`,n.slice(0,500),[],s)}}async function pe(t,n={},e){return(await ct("GET",t+ai(n),void 0,e)).value}async function ut(t,n={}){return(await ct("POST",t,n)).value}var Fe=encodeURIComponent;function Pt(t){return t instanceof Js?t:new Js(0,"This page failed",String(t))}var Xd=/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;function Mt(t,n=300){return(t.length>n?`${t.slice(0,n)}…`:t).replace(Xd,s=>`\\u{${s.codePointAt(0)?.toString(16)}}`)}function be(t,n=300){return Mt(t.replace(/\s+/g," "),n)}function Q(t){return Math.round(t).toString().replace(/\B(?=(\d{3})+$)/g," ")}function Be(t,n,e=`${n}s`){return`${Q(t)} ${t===1?n:e}`}function oi(t){let n=[[1e12,"T"],[1e9,"G"],[1e6,"M"],[1e3,"k"]];for(let[e,s]of n)if(Math.abs(t)>=e*.9995)return li(t/e)+s;return li(t)}function li(t){let n=Math.abs(t),e=n>=99.95||Number.isInteger(t)?0:n>=9.995?1:2;return t.toFixed(e).replace(/(\.\d*?)0+$/,"$1").replace(/\.$/,"")}function ms(t){return t==null?"–":t>0&&t<.005?"<0.01":oi(t)}function Ks(t){if(t==null)return"–";let n=t*100,e=n===100||n===0?n.toFixed(0):n.toFixed(n>99?2:1);return`${e==="100.00"?"99.99":e.replace(/\.0$/,"")} %`}function $t(t){return t==null?"–":t<1e3?`${li(t<.1&&t>0?.1:Math.round(t*10)/10)} ms`:t<6e4?`${li(t/1e3)} s`:Pn(t/1e3)}function Pn(t){let n=[[86400,"d"],[3600,"h"],[60,"min"],[1,"s"]],e=Math.max(0,Math.round(t)),s=[];for(let[i,r]of n){let l=Math.floor(e/i);if(e-=l*i,l>0)s.push(`${l} ${r}`);else if(s.length>0)break;if(s.length===2)break}return s.join(" ")||"0 s"}function Es(t){let n=["B","KiB","MiB","GiB","TiB"],e=t,s=0;for(;e>=1024&&s<n.length-1;)e/=1024,s+=1;return`${li(e)} ${n[s]}`}var ia=t=>t.toString().padStart(2,"0");function Yl(t,n){let e=new Date(t);if(Number.isNaN(e.getTime()))return Mt(t,40);let s=`${ia(e.getHours())}:${ia(e.getMinutes())}`;if(e.toDateString()===n.toDateString())return`${s}:${ia(e.getSeconds())}`;let i=["Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"][e.getMonth()],r=e.getFullYear()===n.getFullYear()?"":` ${e.getFullYear()}`;return`${e.getDate()} ${i}${r} ${s}`}function ra(t,n){let e=(n.getTime()-new Date(t).getTime())/1e3;if(Number.isNaN(e))return Mt(t,40);if(Math.abs(e)<1)return"now";let[s]=Pn(Math.abs(e)).split(" ");return e>0?`${s} ago`:`in ${s}`}function aa(t){return t.replace(/,/g,"")}function ci(t){return t?t.slice(0,12):"–"}var Ct=new It({state:"idle",messages:0}),ep=5e3,Yi=new Set,gs,la,Jl;function Mn(t){return Yi.add(t),Ji(),()=>{Yi.delete(t),setTimeout(Ji,0)}}function Ji(){let t=Yi.size>0&&!document.hidden;t&&!gs?tp():!t&&gs&&Kl("idle")}function tp(){clearTimeout(Jl),Ct.set({...Ct.value,state:"connecting"}),gs=new EventSource(`/v1/events/stream${la===void 0?"":`?after=${encodeURIComponent(la)}`}`),gs.addEventListener("open",()=>Ct.set({...Ct.value,state:"open"})),gs.addEventListener("error",()=>{gs?.readyState===EventSource.CLOSED?(Kl("broken"),Jl=setTimeout(Ji,ep)):Ct.set({...Ct.value,state:"connecting"})});for(let t of["event","settled","gap"])gs.addEventListener(t,n=>{n.lastEventId!==""&&(la=n.lastEventId),Ct.set({...Ct.value,messages:Ct.value.messages+1});for(let e of[...Yi])e(t,n.data)})}function Kl(t){gs?.close(),gs=void 0,Ct.set({...Ct.value,state:t})}document.addEventListener("visibilitychange",Ji);var Z=class{constructor(n,e,s){this.host=n;this.fetch=e;this.every=s;this.wanted=!1;this.connected=!1;this.seen=()=>{document.hidden?clearTimeout(this.timer):this.every!==void 0&&this.load()};n.addController(this)}hostConnected(){this.connected=!0,document.addEventListener("visibilitychange",this.seen),this.load()}hostDisconnected(){this.connected=!1,document.removeEventListener("visibilitychange",this.seen),clearTimeout(this.timer),this.running?.abort(),this.running=void 0}restart(){this.running?.abort(),this.running=void 0,this.value=void 0,this.problem=void 0,this.load()}async load(){if(this.running){this.wanted=!0;return}clearTimeout(this.timer);let n=new AbortController;this.running=n;try{let e=await this.fetch(n.signal);if(this.running!==n)return;this.value=e,this.problem=void 0,this.at=new Date}catch(e){if(this.running!==n)return;this.problem=Pt(e)}this.running=void 0,this.host.requestUpdate(),this.wanted?(this.wanted=!1,this.load()):this.connected&&this.every!==void 0&&!document.hidden&&(this.timer=setTimeout(()=>{this.load()},this.every))}};var sp={name:null,scopes:["publish","read","operate","admin"],channels:null,required:!1},os=new It({state:"asking"});Gl(()=>os.set({state:"out"}));async function oa(){try{let{value:t}=await ct("GET","/v1/session");os.set({state:"in",who:t})}catch(t){let n=Pt(t);n.status===404?os.set({state:"in",who:sp}):n.status===401?os.set({state:"out"}):os.set({state:"failed",problem:n})}}async function Ql(t){await ct("POST","/v1/session",{token:t}),await oa()}async function Zl(){try{await ct("DELETE","/v1/session")}catch(t){let n=Pt(t);os.set(n.status===401?{state:"out"}:{state:"failed",problem:n});return}os.set({state:"out"})}function Ki(t,n){let e=os.value;if(e.state!=="in")return"Sign in first.";let s=e.who.name===null?"This needs a token: without one there is":`The token ${e.who.name} lacks`;if(!e.who.scopes.includes(t))return`${s}${e.who.name===null?" no":" the"} scope ${t}.`;if(n!==void 0&&e.who.channels&&!e.who.channels.includes(n))return`The token ${e.who.name??""} is not for the channel ${n}.`}var ca="fanfare-theme";function np(){try{let t=localStorage.getItem(ca);return t==="light"||t==="dark"?t:"system"}catch{return"system"}}var Qs=new It(np());function Xl(t){try{t==="system"?localStorage.removeItem(ca):localStorage.setItem(ca,t)}catch{}eo(t),Qs.set(t)}function eo(t){t==="system"?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=t}eo(Qs.value);matchMedia("(prefers-color-scheme: dark)").addEventListener("change",()=>Qs.again());var ip={overview:ae`<path d="M3 10.500 8 4l5 6.500M3 13h10"/>`,events:ae`<path d="M2.500 4h11M2.500 8h11M2.500 12h7"/>`,channels:ae`<circle cx="3.500" cy="8" r="1.500"/><path d="M5 8h2.500m0 0C10 8 9.500 3.500 13.500 3.500M7.500 8h6M7.500 8c2.500 0 2 4.500 6 4.500"/>`,letters:ae`<path d="M2.500 4h11v8h-11zM2.500 4.500 8 9l5.500-4.500"/>`,plugins:ae`<path d="M6 2.500v3M10 2.500v3M4 5.500h8V8a4 4 0 0 1-8 0zM8 12v2"/>`,schemas:ae`<path d="M6 2.500C4 2.500 5 7 3 8c2 1 1 5.500 3 5.500M10 2.500c2 0 1 4.500 3 5.500-2 1-1 5.500-3 5.500"/>`,recipients:ae`<circle cx="8" cy="5.500" r="2.500"/><path d="M3 13.500c.5-3 2.500-4 5-4s4.500 1 5 4"/>`,config:ae`<path d="M3 4.500h6M12 4.500h1M3 11.500h1M7 11.500h6"/><circle cx="10.500" cy="4.500" r="1.500"/><circle cx="5.500" cy="11.500" r="1.500"/>`,success:ae`<path d="m3 8.500 3.200 3.200L13 5"/>`,failed:ae`<path d="m4 4 8 8M12 4l-8 8"/>`,pending:ae`<circle cx="8" cy="8" r="5.300"/><path d="M8 5v3.200l2 1.300"/>`,skipped:ae`<path d="M3 8h10M10 5l3 3-3 3"/>`,partial:ae`<circle cx="8" cy="8" r="5.300"/><path d="M8 2.700v10.600"/><path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor"/>`,none:ae`<path d="M4 8h8"/>`,pause:ae`<path d="M5.500 3.500v9M10.500 3.500v9"/>`,play:ae`<path d="M5 3.500 12 8l-7 4.500z"/>`,test:ae`<path d="M9 2 4 9h4l-1 5 5-7H8z"/>`,again:ae`<path d="M13 8a5 5 0 1 1-1.500-3.500M13 2.500V5h-2.500"/>`,trash:ae`<path d="M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.5 9h6l.5-9"/>`,search:ae`<circle cx="7" cy="7" r="4"/><path d="m10 10 3.500 3.500"/>`,close:ae`<path d="m4 4 8 8M12 4l-8 8"/>`,menu:ae`<path d="M2.500 4.500h11M2.500 8h11M2.500 11.500h11"/>`,sun:ae`<circle cx="8" cy="8" r="3"/><path d="M8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1"/>`,moon:ae`<path d="M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z"/>`,system:ae`<path d="M2.500 3.500h11v7.500h-11zM6 13.500h4"/>`,warning:ae`<path d="M8 2.500 14 13H2zM8 6.500v3M8 11v.5"/>`,copy:ae`<path d="M5.500 5.500h8v8h-8zM3 10.500H2.500v-8h8V3"/>`,right:ae`<path d="m6 3.500 4.500 4.500L6 12.500"/>`,out:ae`<path d="M6 3H3v10h3M7 8h6M10.500 5.500 13 8l-2.500 2.500"/>`};function j(t){return c`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${ip[t]}</svg>`}var ne=class extends Ts{createRenderRoot(){return this}};var rp={0:"Check that the daemon runs: fanfare status.",401:"Sign in with a token that is still valid.",403:"Use a token with the scope that this needs.",429:"Wait a moment.",503:"The journal or the stream is busy; this page tries again by itself."};function te(t){if(!t)return $;let n=t.retryAfter?`Try again in ${Pn(t.retryAfter)}.`:rp[t.status];return c`<div class="problem" role="alert">
    ${j("warning")}
    <div>
      <strong>${be(t.title,200)}</strong>
      ${t.detail?c`<p>${Mt(t.detail,2e3)}</p>`:$}
      ${t.errors.length>0?c`<ul>
            ${t.errors.slice(0,20).map(e=>c`<li><code>${be(e.pointer,100)}</code> ${be(e.detail)}</li>`)}
          </ul>`:$}
      ${n?c`<p class="faint">${n}</p>`:$}
    </div>
  </div>`}function Ge(t,n){return c`<div class="empty">
    <strong>${t}</strong>
    <div>${n}</div>
  </div>`}function Ae(){return c`<div class="loading" role="status">Loading …</div>`}var di=class{constructor(n){this.question=n}},Kt=class extends ne{constructor(){super(...arguments);this.busy=!1;this.reason="";this.typed="";this.back=null;this.enter=e=>{e.key==="Enter"&&this.querySelector("[data-confirm]")?.click()};this.act=async()=>{let e=this.question;if(!(!e||this.busy)){this.busy=!0,this.problem=void 0;try{let s=await e.act(this.reason.trim());s instanceof di?await this.show(s.question):(this.box.close(),da(s))}catch(s){this.problem=Pt(s)}this.busy=!1}};this.closed=()=>{this.question=void 0,this.back instanceof HTMLElement&&this.back.isConnected&&this.back.focus()}}ask(e){this.back=document.activeElement,this.show(e)}async show(e){if(this.question=e,this.counted=void 0,this.problem=void 0,this.busy=!1,this.reason="",this.typed="",await this.updateComplete,this.box.open||this.box.showModal(),!!e.count)try{let s=await e.count();this.question===e&&(this.counted=s)}catch(s){this.problem=Pt(s)}}render(){let e=this.question,s=e?.count!==void 0&&this.counted===void 0,i=this.counted?.matched===0,r=e?.phrase!==void 0&&this.typed.trim()!==e.phrase;return c`<dialog aria-labelledby="question" @close=${this.closed}>
      ${e?c`<h2 id="question">${e.title}</h2>
            <div class="body">${e.body}</div>
            ${e.count?c`<p class="count" role="status">${this.counted?this.counted.sentence:this.problem?"":"Counting …"}</p>`:$}
            ${e.reason?c`<label class="field">${e.reason}
                  <input maxlength="1000" .value=${this.reason} @input=${l=>this.reason=to(l)} @keydown=${this.enter} />
                </label>`:$}
            ${e.phrase&&!i?c`<label class="field">Type <b>${e.phrase}</b> to go on
                  <input autocomplete="off" spellcheck="false" .value=${this.typed} @input=${l=>this.typed=to(l)} @keydown=${this.enter} />
                </label>`:$}
            ${te(this.problem)}
            <div class="buttons">
              <button @click=${()=>this.box.close()}>${e.close??"Cancel"}</button>
              <button class="${e.danger?"danger":"primary"}" data-confirm ?disabled=${s||i||r||this.busy} @click=${this.act}>
                ${this.busy?"Working …":e.action}
              </button>
            </div>`:$}
    </dialog>`}};T([Ee()],Kt.prototype,"question",2),T([Ee()],Kt.prototype,"counted",2),T([Ee()],Kt.prototype,"problem",2),T([Ee()],Kt.prototype,"busy",2),T([Ee()],Kt.prototype,"reason",2),T([Ee()],Kt.prototype,"typed",2),T([Ul("dialog")],Kt.prototype,"box",2),Kt=T([le("ff-dialog")],Kt);function to(t){return t.target.value}function ht(t){document.querySelector("ff-dialog")?.ask(t)}var Cn=new It([]),ap=0;function da(t){let n=ap+=1;Cn.set([...Cn.value.slice(-2),{id:n,text:t}]),setTimeout(()=>so(n),8e3)}function so(t){Cn.set(Cn.value.filter(n=>n.id!==t))}function no(t){return c`<div class="notices" role="status" aria-live="polite">
    ${t.map(({id:n,text:e})=>c`<div class="notice">
        ${j("success")}<span>${e}</span>
        <button class="quiet" aria-label="Dismiss" @click=${()=>so(n)}>${j("close")}</button>
      </div>`)}
  </div>`}function Qi(t,n){let e=/^(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)$/.exec(t.trim());if(e){let i={s:1,m:60,min:60,h:3600,d:86400,w:604800}[e[2]];return new Date(n.getTime()-Number(e[1])*i*1e3).toISOString()}let s=/^\d{4}-\d\d-\d\d/.test(t.trim())?new Date(t.trim()):void 0;return s&&!Number.isNaN(s.getTime())?s.toISOString():t.trim()||void 0}var lp=["type","status","channel","source"];function io(t,n){let e=Object.fromEntries(lp.map(s=>[s,t.get(s)]));return e.since=Qi(t.get("since")??"",n),e.until=Qi(t.get("until")??"",n),e}var op=["channel","type","class","code"];function Zi(t,n){let e=Object.fromEntries(op.map(s=>[s,t.get(s)]));return e.since=Qi(t.get("since")??"",n),e.until=Qi(t.get("until")??"",n),e}function ro(t){let n=Object.entries(t).filter(([,e])=>e!=null&&e!=="");return n.length===0?{all:!0}:Object.fromEntries(n)}function Xi(t){return Object.entries(t).filter(([,e])=>e!=null&&e!=="").map(([e,s])=>`${e} ${String(s)}`).join(", ")}function ao(t){let n=new Map;for(let e of t){let s=JSON.stringify([e.channel,e.class,e.code]),i=n.get(s)??{channel:e.channel,class:e.class,code:e.code,items:[]};i.items.push(e),n.set(s,i)}return[...n.values()].sort((e,s)=>s.items.length-e.items.length||(e.code<s.code?-1:1))}function _(t,n=300){return c`<bdi class="said" title=${Mt(t??"",2e3)}>${be(t??"",n)}</bdi>`}function Y(t,n=120){return c`<bdi class="mono said" title=${Mt(t??"",2e3)}>${be(t??"",n)}</bdi>`}function je(t){return t?c`<time datetime=${t} title="${t}, ${ra(t,new Date)}">${Yl(t,new Date)}</time>`:c`<span class="faint">–</span>`}function We(t){return t?c`<time datetime=${t} title=${t}>${ra(t,new Date)}</time>`:c`<span class="faint">–</span>`}var lo={success:["ok","success","delivered"],failed:["bad","failed","failed"],pending:["wait","pending","pending"],skipped:["quiet","skipped","skipped"],partial:["warn","partial","partial"],unrouted:["quiet","none","unrouted"],cancelled:["quiet","close","cancelled"]};function pi(t){let[n,e,s]=lo[t]??["quiet","none",t];return c`<span class="status ${n}">${j(e)}${s}</span>`}var cp={active:["ok","success"],missing:["bad","none"],failed:["bad","failed"],paused:["wait","pause"],suspended:["warn","warning"],open:["warn","warning"],unconfigured:["quiet","config"],running:["wait","again"],done:["ok","success"],finished:["ok","success"],cancelled:["quiet","close"],ok:["ok","success"],rejected:["bad","failed"]};function Qe(t){let[n,e]=cp[t]??["quiet","none"];return c`<span class="status ${n}">${j(e)}${t}</span>`}function oo(t,n,e){let[s,i,r]=lo[n]??["quiet","none",n];return c`<a class="chip ${s}" href=${W(["channels",t])} title=${Mt(e,1e3)}
    >${j(i)}<bdi>${be(t,40)}</bdi><span class="hidden">: ${r}</span></a>`}function Ze(t,n){return c`<span class="fault"><span class="class">${be(t,40)}</span>${n?c` ${Y(n,60)}`:""}</span>`}var co={replay:"replay",manual:"redriven",fallback:"as a fallback"};function dp(t,n){let e=Object.entries(t).flatMap(([s,i])=>i.map(r=>({at:r.started,channel:s,attempt:r})));for(let[s,i]of Object.entries(n))if(i.skipped_replay){let{at:r,reason:l,detail:d}=i.skipped_replay;e.push({at:r,channel:s,skipped:{reason:l,detail:d,again:" (replay)"}})}else if(i.status==="skipped"){let r=i.fallback_for?" (as a fallback)":"";e.push({at:i.timestamp,channel:s,skipped:{reason:i.reason??"",detail:i.detail??"",again:r}})}return e.sort((s,i)=>Date.parse(s.at)-Date.parse(i.at)||(s.attempt?.number??0)-(i.attempt?.number??0))}function po(t){let{attempts:n={},stages:e=[],result:s}=t,i=Date.parse(s.broadcast_at),r=l=>`+${$t(Math.max(0,Date.parse(l)-i))}`;return c`<ol class="timeline">
    ${e.map(l=>c`<li class=${l.class?"bad":"quiet"}>
        <span class="mark">${j(l.class?"failed":"none")}</span>
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
      <span class="mark">${j("right")}</span>
      <div class="step"><div class="step-head"><b>accepted</b> ${je(s.broadcast_at)}</div></div>
    </li>
    ${dp(n,s.channels).map(l=>pp(l,r))}
    ${Object.entries(s.channels).filter(([,l])=>l.status==="pending").map(([l,d])=>c`<li class="wait">
          <span class="mark">${j("pending")}</span>
          <div class="step">
            <div class="step-head"><b><a href=${W(["channels",l])}>${_(l,60)}</a></b> ${pa(d)}</div>
          </div>
        </li>`)}
  </ol>`}function pa(t){let n=t.until??t.next_attempt_at;return t.waiting_for?c`<span>waits for ${t.waiting_for}${n?c`, goes on ${We(n)}`:$}</span>`:c`<span>is due, or being attempted</span>`}function pp(t,n){let{attempt:e,skipped:s,channel:i,at:r}=t,l=s?"quiet":e?.class?"bad":"ok";return c`<li class=${l}>
    <span class="mark">${j(s?"skipped":e?.class?"failed":"success")}</span>
    <div class="step">
      <div class="step-head">
        <b><a href=${W(["channels",i])}>${_(i,60)}</a></b>
        ${e?c`<span>${e.class?"failed":"delivered"}</span>`:c`<span>skipped${s?.again}</span>`}
        ${e?c`<span class="faint">attempt ${e.number}${co[e.trigger]?`, ${co[e.trigger]}`:""}</span>`:$}
        <time class="faint" datetime=${r} title=${r}>${n(r)}</time>
      </div>
      ${e?ua(e):c`<div>${Y(s?.reason)} ${_(s?.detail,500)}</div>`}
    </div>
  </li>`}function ua(t){return c`${t.class?c`<div class="why">${Ze(t.class,t.code??"")} ${_(t.error,1e3)}</div>`:$}
    ${ha(t)} ${fa(t.trace)}`}function ha(t){return c`<dl class="costs">
    <div><dt>took</dt><dd>${$t(t.duration_ms)}</dd></div>
    <div><dt>fuel</dt><dd title=${t.fuel}>${oi(t.fuel)}</dd></div>
    <div><dt>memory</dt><dd title=${`${t.memory} bytes`}>${Es(t.memory)}</dd></div>
    ${t.plugin===void 0?$:c`<div><dt>plugin</dt><dd>${Y(t.plugin,16)}</dd></div>`}
  </dl>`}function fa(t){return t?.length?c`<pre class="trace" tabindex="0" role="region" aria-label="What the plugin logged">${t.map(n=>`${Mt(n,2e3)}
`)}</pre>`:$}function ke(t,n,e,s,i={}){let r=Ki(e,i.channel)??i.off;return c`<button
    class=${i.danger?"danger-quiet":""}
    ?disabled=${r!==void 0}
    title=${r??i.label??""}
    aria-label=${i.label??t}
    @click=${s}
  >
    ${j(n)}${t}
  </button>`}var uo=t=>c`<a href=${W(["dead-letters"])}>job ${t}</a>`;function er(t,n){ht({title:`Pause ${be(t.name,60)}?`,body:"Nothing more is attempted until somebody resumes it. Events are still accepted for it, and kept.",count:async()=>({matched:1,sentence:`${Be(t.pending,"delivery","deliveries")} pending, ${t.in_flight} in flight; those in flight end.`}),reason:"Why, for whoever looks later",action:"Pause",danger:!0,act:async e=>(await ut(`/v1/channels/${Fe(t.name)}/pause`,{reason:e}),n(),`${be(t.name,60)} is paused.`)})}function tr(t,n){ht({title:`Resume ${be(t.name,60)}?`,body:"What is pending is attempted again, at the rate that the channel allows.",count:async()=>({matched:1,sentence:`${Be(t.pending,"delivery","deliveries")} pending.`}),action:"Resume",act:async()=>(await ut(`/v1/channels/${Fe(t.name)}/resume`),n(),`${be(t.name,60)} is resumed.`)})}function sr(t){ht({title:`Test ${be(t,60)}?`,body:c`One sample event goes to this channel alone. <b>Its receiver gets it</b>; nothing is recorded here.`,action:"Send the sample",act:()=>ho(t)})}async function ho(t){let n=await ut(`/v1/channels/${Fe(t)}/test`);return new di({title:n.status==="success"?`${be(t,60)} delivered the sample`:`${be(t,60)} failed`,body:c`${n.class?c`<p>${Ze(n.class,n.code??"")} ${_(n.error,1e3)}</p>`:$}
      ${ha(n)} ${fa(n.trace)}`,close:"Close",action:"Send another",act:()=>ho(t)})}function fo(t,n){ht({title:`Forget ${be(t,60)}?`,body:"The channel has left the configuration. What is pending for it ends as dead letters, and events are no longer kept for it.",count:async()=>{let{pending:e}=await ut(`/v1/channels/${Fe(t)}/forget`,{dry_run:!0});return{matched:e,sentence:`${Be(e,"pending delivery ends","pending deliveries end")}.`}},phrase:"forget",action:"Forget",danger:!0,act:async()=>{let{ended:e}=await ut(`/v1/channels/${Fe(t)}/forget`,{dry_run:!1});return n(),`${Be(e,"delivery","deliveries")} ended.`}})}function cs(t,n,e){let s=ro(n),i=Xi(n),r=`/v1/dead-letters/${t}`;ht({title:t==="replay"?"Redrive dead letters?":"Purge dead letters?",body:c`<p>${i?c`Those with ${_(i,300)}.`:"All of them."}</p>
      <p>
        ${t==="replay"?"Each begins another round of attempts under the same delivery id. The work is a job that never delays live events.":"What is purged is deleted, and cannot be redriven."}
      </p>`,count:async()=>{let{matched:l}=await ut(r,{...s,dry_run:!0}),d=t==="replay"?["is redriven","are redriven"]:["is purged","are purged"];return{matched:l,sentence:l===0?"No dead letter matches.":`${Be(l,"dead letter")} ${d[l===1?0:1]}.`}},...t==="purge"?{phrase:"purge"}:{},action:t==="replay"?"Redrive":"Purge",danger:t==="purge",act:async()=>{let l=await ut(r,{...s,dry_run:!1});return e(),c`${Be(l.matched,"dead letter")}: ${uo(l.replay)} works through them.`}})}function mo(t,n,e){let s={after:t.offset-1,until:t.offset,channels:[n]};ht({title:`Replay this event to ${be(n,60)}?`,body:"The channel gets it once more under the same delivery id, so a receiver that knows it may leave it aside.",count:async()=>{let{matched:i}=await ut("/v1/replays",{...s,dry_run:!0});return{matched:i,sentence:`${Be(i,"event")} is replayed.`}},action:"Replay",act:async()=>{let i=await ut("/v1/replays",s);return e(),c`${uo(i.id)} replays it.`}})}function go(t,n,e){ht({title:`Drop the delivery to ${be(n,60)}?`,body:"It ends now, as a dead letter with your reason.",reason:"Why (needed, and kept)",action:"Drop",danger:!0,act:async s=>(await ut(`/v1/deliveries/${Fe(t)}/drop`,{reason:s}),e(),"It is a dead letter now.")})}var up="uplot",hp="u-hz",fp="u-vt",mp="u-title",gp="u-wrap",vp="u-under",bp="u-over",$p="u-axis",en="u-off",yp="u-select",wp="u-cursor-x",xp="u-cursor-y",kp="u-cursor-pt",Sp="u-legend",_p="u-live",Tp="u-inline",Ep="u-series",Ap="u-marker",vo="u-label",Pp="u-value",hi="width",fi="height";var bo="bottom",Rn="left",ma="right",Ra="#000",$o=Ra+"0",ga="mousemove",yo="mousedown",va="mouseup",wo="mouseenter",xo="mouseleave",ko="dblclick",Mp="resize",Cp="scroll",So="change",lr="dppxchange",Da="--",Hn=typeof window<"u",xa=Hn?document:null,Ln=Hn?window:null,Rp=Hn?navigator:null,we,nr;function ka(){let t=devicePixelRatio;we!=t&&(we=t,nr&&_a(So,nr,ka),nr=matchMedia(`(min-resolution: ${we-.001}dppx) and (max-resolution: ${we+.001}dppx)`),tn(So,nr,ka),Ln.dispatchEvent(new CustomEvent(lr)))}function Rt(t,n){if(n!=null){let e=t.classList;!e.contains(n)&&e.add(n)}}function Sa(t,n){let e=t.classList;e.contains(n)&&e.remove(n)}function Ne(t,n,e){t.style[n]=e+"px"}function Qt(t,n,e,s){let i=xa.createElement(t);return n!=null&&Rt(i,n),e?.insertBefore(i,s),i}function Ft(t,n){return Qt("div",t,n)}var _o=new WeakMap;function ds(t,n,e,s,i){let r="translate("+n+"px,"+e+"px)",l=_o.get(t);r!=l&&(t.style.transform=r,_o.set(t,r),n<0||e<0||n>s||e>i?Rt(t,en):Sa(t,en))}var To=new WeakMap;function Eo(t,n,e){let s=n+e,i=To.get(t);s!=i&&(To.set(t,s),t.style.background=n,t.style.borderColor=e)}var Ao=new WeakMap;function Po(t,n,e,s){let i=n+""+e,r=Ao.get(t);i!=r&&(Ao.set(t,i),t.style.height=e+"px",t.style.width=n+"px",t.style.marginLeft=s?-n/2+"px":0,t.style.marginTop=s?-e/2+"px":0)}var La={passive:!0},Dp={...La,capture:!0};function tn(t,n,e,s){n.addEventListener(t,e,s?Dp:La)}function _a(t,n,e,s){n.removeEventListener(t,e,La)}Hn&&ka();function Zt(t,n,e,s){let i;e=e||0,s=s||n.length-1;let r=s<=2147483647;for(;s-e>1;)i=r?e+s>>1:Dt((e+s)/2),n[i]<t?e=i:s=i;return t-n[e]<=n[s]-t?e:s}function nc(t){return(e,s,i)=>{let r=-1,l=-1;for(let d=s;d<=i;d++)if(t(e[d])){r=d;break}for(let d=i;d>=s;d--)if(t(e[d])){l=d;break}return[r,l]}}var ic=t=>t!=null,rc=t=>t!=null&&t>0,dr=nc(ic),Lp=nc(rc);function Np(t,n,e,s=0,i=!1){let r=i?Lp:dr,l=i?rc:ic;[n,e]=r(t,n,e);let d=t[n],u=t[n];if(n>-1)if(s==1)d=t[n],u=t[e];else if(s==-1)d=t[e],u=t[n];else for(let f=n;f<=e;f++){let v=t[f];l(v)&&(v<d?d=v:v>u&&(u=v))}return[d??Pe,u??-Pe]}function pr(t,n,e,s){let i=Ro(t),r=Ro(n);t==n&&(i==-1?(t*=e,n/=e):(t/=e,n*=e));let l=e==10?vs:ac,d=i==1?Dt:Wt,u=r==1?Wt:Dt,f=d(l(et(t))),v=u(l(et(n))),g=Nn(e,f),y=Nn(e,v);return e==10&&(f<0&&(g=Me(g,-f)),v<0&&(y=Me(y,-v))),s||e==2?(t=g*i,n=y*r):(t=dc(t,g),n=ur(n,y)),[t,n]}function Na(t,n,e,s){let i=pr(t,n,e,s);return t==0&&(i[0]=0),n==0&&(i[1]=0),i}var Oa=.1,Mo={mode:3,pad:Oa},gi={pad:0,soft:null,mode:0},Op={min:gi,max:gi};function or(t,n,e,s){return hr(e)?Co(t,n,e):(gi.pad=e,gi.soft=s?0:null,gi.mode=s?3:0,Co(t,n,Op))}function $e(t,n){return t??n}function qp(t,n,e){for(n=$e(n,0),e=$e(e,t.length-1);n<=e;){if(t[n]!=null)return!0;n++}return!1}function Co(t,n,e){let s=e.min,i=e.max,r=$e(s.pad,0),l=$e(i.pad,0),d=$e(s.hard,-Pe),u=$e(i.hard,Pe),f=$e(s.soft,Pe),v=$e(i.soft,-Pe),g=$e(s.mode,0),y=$e(i.mode,0),P=n-t,C=vs(P),I=yt(et(t),et(n)),U=vs(I),G=et(U-C);(P<1e-24||G>10)&&(P=0,(t==0||n==0)&&(P=1e-24,g==2&&f!=Pe&&(r=0),y==2&&v!=-Pe&&(l=0)));let S=P||I||1e3,F=vs(S),E=Nn(10,Dt(F)),re=S*(P==0?t==0?.1:1:r),N=Me(dc(t-re,E/10),24),oe=t>=f&&(g==1||g==3&&N<=f||g==2&&N>=f)?f:Pe,ee=yt(d,N<oe&&t>=oe?oe:Xt(oe,N)),ue=S*(P==0?n==0?.1:1:l),X=Me(ur(n+ue,E/10),24),A=n<=v&&(y==1||y==3&&X>=v||y==2&&X<=v)?v:-Pe,ie=Xt(u,X>A&&n<=A?A:yt(A,X));return ee==ie&&ee==0&&(ie=100),[ee,ie]}var zp=new Intl.NumberFormat(Hn?Rp.language:"en-US"),qa=t=>zp.format(t),Lt=Math,ar=Lt.PI,et=Lt.abs,Dt=Lt.floor,Xe=Lt.round,Wt=Lt.ceil,Xt=Lt.min,yt=Lt.max,Nn=Lt.pow,Ro=Lt.sign,vs=Lt.log10,ac=Lt.log2,Hp=(t,n=1)=>Lt.sinh(t)*n,ba=(t,n=1)=>Lt.asinh(t/n),Pe=1/0;function Do(t){return(vs((t^t>>31)-(t>>31))|0)+1}function Ta(t,n,e){return Xt(yt(t,n),e)}function lc(t){return typeof t=="function"}function he(t){return lc(t)?t:()=>t}var jp=()=>{},oc=t=>t,cc=(t,n)=>n,Vp=t=>null,Lo=t=>!0,No=(t,n)=>t==n,Ip=/\.\d*?(?=9{6,}|0{6,})/gm,sn=t=>{if(uc(t)||Ps.has(t))return t;let n=`${t}`,e=n.match(Ip);if(e==null)return t;let s=e[0].length-1;if(n.indexOf("e-")!=-1){let[i,r]=n.split("e");return+`${sn(i)}e${r}`}return Me(t,s)};function Zs(t,n){return sn(Me(sn(t/n))*n)}function ur(t,n){return sn(Wt(sn(t/n))*n)}function dc(t,n){return sn(Dt(sn(t/n))*n)}function Me(t,n=0){if(uc(t))return t;let e=10**n,s=t*e*(1+Number.EPSILON);return Xe(s)/e}var Ps=new Map;function pc(t){return((""+t).split(".")[1]||"").length}function bi(t,n,e,s){let i=[],r=s.map(pc);for(let l=n;l<e;l++){let d=et(l),u=Me(Nn(t,l),d);for(let f=0;f<s.length;f++){let v=t==10?+`${s[f]}e${l}`:s[f]*u,g=(l>=0?0:d)+(l>=r[f]?0:r[f]),y=t==10?v:Me(v,g);i.push(y),Ps.set(y,g)}}return i}var vi={},za=[],On=[null,null],As=Array.isArray,uc=Number.isInteger,Fp=t=>t===void 0;function Oo(t){return typeof t=="string"}function hr(t){let n=!1;if(t!=null){let e=t.constructor;n=e==null||e==Object}return n}function Wp(t){return t!=null&&typeof t=="object"}var Up=Object.getPrototypeOf(Uint8Array),hc="__proto__";function qn(t,n=hr){let e;if(As(t)){let s=t.find(i=>i!=null);if(As(s)||n(s)){e=Array(t.length);for(let i=0;i<t.length;i++)e[i]=qn(t[i],n)}else e=t.slice()}else if(t instanceof Up)e=t.slice();else if(n(t)){e={};for(let s in t)s!=hc&&(e[s]=qn(t[s],n))}else e=t;return e}function Ye(t){let n=arguments;for(let e=1;e<n.length;e++){let s=n[e];for(let i in s)i!=hc&&(hr(t[i])?Ye(t[i],qn(s[i])):t[i]=qn(s[i]))}return t}var Bp=0,Gp=1,Yp=2;function Jp(t,n,e){for(let s=0,i,r=-1;s<n.length;s++){let l=n[s];if(l>r){for(i=l-1;i>=0&&t[i]==null;)t[i--]=null;for(i=l+1;i<e&&t[i]==null;)t[r=i++]=null}}}function Kp(t,n){if(Xp(t)){let l=t[0].slice();for(let d=1;d<t.length;d++)l.push(...t[d].slice(1));return eu(l[0])||(l=Zp(l)),l}let e=new Set;for(let l=0;l<t.length;l++){let u=t[l][0],f=u.length;for(let v=0;v<f;v++)e.add(u[v])}let s=[Array.from(e).sort((l,d)=>l-d)],i=s[0].length,r=new Map;for(let l=0;l<i;l++)r.set(s[0][l],l);for(let l=0;l<t.length;l++){let d=t[l],u=d[0];for(let f=1;f<d.length;f++){let v=d[f],g=Array(i).fill(void 0),y=n?n[l][f]:Gp,P=[];for(let C=0;C<v.length;C++){let I=v[C],U=r.get(u[C]);I===null?y!=Bp&&(g[U]=I,y==Yp&&P.push(U)):g[U]=I}Jp(g,P,i),s.push(g)}}return s}var Qp=typeof queueMicrotask>"u"?t=>Promise.resolve().then(t):queueMicrotask;function Zp(t){let n=t[0],e=n.length,s=Array(e);for(let r=0;r<s.length;r++)s[r]=r;s.sort((r,l)=>n[r]-n[l]);let i=[];for(let r=0;r<t.length;r++){let l=t[r],d=Array(e);for(let u=0;u<e;u++)d[u]=l[s[u]];i.push(d)}return i}function Xp(t){let n=t[0][0],e=n.length;for(let s=1;s<t.length;s++){let i=t[s][0];if(i.length!=e)return!1;if(i!=n){for(let r=0;r<e;r++)if(i[r]!=n[r])return!1}}return!0}function eu(t,n=100){let e=t.length;if(e<=1)return!0;let s=0,i=e-1;for(;s<=i&&t[s]==null;)s++;for(;i>=s&&t[i]==null;)i--;if(i<=s)return!0;let r=yt(1,Dt((i-s+1)/n));for(let l=t[s],d=s+r;d<=i;d+=r){let u=t[d];if(u!=null){if(u<=l)return!1;l=u}}return!0}var fc=["January","February","March","April","May","June","July","August","September","October","November","December"],mc=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function gc(t){return t.slice(0,3)}var tu=mc.map(gc),su=fc.map(gc),nu={MMMM:fc,MMM:su,WWWW:mc,WWW:tu};function ui(t){return(t<10?"0":"")+t}function iu(t){return(t<10?"00":t<100?"0":"")+t}var ru={YYYY:t=>t.getFullYear(),YY:t=>(t.getFullYear()+"").slice(2),MMMM:(t,n)=>n.MMMM[t.getMonth()],MMM:(t,n)=>n.MMM[t.getMonth()],MM:t=>ui(t.getMonth()+1),M:t=>t.getMonth()+1,DD:t=>ui(t.getDate()),D:t=>t.getDate(),WWWW:(t,n)=>n.WWWW[t.getDay()],WWW:(t,n)=>n.WWW[t.getDay()],HH:t=>ui(t.getHours()),H:t=>t.getHours(),h:t=>{let n=t.getHours();return n==0?12:n>12?n-12:n},AA:t=>t.getHours()>=12?"PM":"AM",aa:t=>t.getHours()>=12?"pm":"am",a:t=>t.getHours()>=12?"p":"a",mm:t=>ui(t.getMinutes()),m:t=>t.getMinutes(),ss:t=>ui(t.getSeconds()),s:t=>t.getSeconds(),fff:t=>iu(t.getMilliseconds())};function Ha(t,n){n=n||nu;let e=[],s=/\{([a-z]+)\}|[^{]+/gi,i;for(;i=s.exec(t);)e.push(i[0][0]=="{"?ru[i[1]]:i[0]);return r=>{let l="";for(let d=0;d<e.length;d++)l+=typeof e[d]=="string"?e[d]:e[d](r,n);return l}}var au=new Intl.DateTimeFormat().resolvedOptions().timeZone;function lu(t,n){let e;return n=="UTC"||n=="Etc/UTC"?e=new Date(+t+t.getTimezoneOffset()*6e4):n==au?e=t:(e=new Date(t.toLocaleString("en-US",{timeZone:n})),e.setMilliseconds(t.getMilliseconds())),e}var vc=t=>t%1==0,cr=[1,2,2.5,5],ou=bi(10,-32,0,cr),bc=bi(10,0,32,cr),cu=bc.filter(vc),Xs=ou.concat(bc),ja=`
`,$c="{YYYY}",qo=ja+$c,yc="{M}/{D}",mi=ja+yc,ir=mi+"/{YY}",wc="{aa}",du="{h}:{mm}",Dn=du+wc,zo=ja+Dn,Ho=":{ss}",Se=null;function xc(t){let n=t*1e3,e=n*60,s=e*60,i=s*24,r=i*30,l=i*365,u=(t==1?bi(10,0,3,cr).filter(vc):bi(10,-3,0,cr)).concat([n,n*5,n*10,n*15,n*30,e,e*5,e*10,e*15,e*30,s,s*2,s*3,s*4,s*6,s*8,s*12,i,i*2,i*3,i*4,i*5,i*6,i*7,i*8,i*9,i*10,i*15,r,r*2,r*3,r*4,r*6,l,l*2,l*5,l*10,l*25,l*50,l*100]),f=[[l,$c,Se,Se,Se,Se,Se,Se,1],[i*28,"{MMM}",qo,Se,Se,Se,Se,Se,1],[i,yc,qo,Se,Se,Se,Se,Se,1],[s,"{h}"+wc,ir,Se,mi,Se,Se,Se,1],[e,Dn,ir,Se,mi,Se,Se,Se,1],[n,Ho,ir+" "+Dn,Se,mi+" "+Dn,Se,zo,Se,1],[t,Ho+".{fff}",ir+" "+Dn,Se,mi+" "+Dn,Se,zo,Se,1]];function v(g){return(y,P,C,I,U,G)=>{let S=[],F=U>=l,E=U>=r&&U<l,re=g(C),N=Me(re*t,3),oe=$a(re.getFullYear(),F?0:re.getMonth(),E||F?1:re.getDate()),ee=Me(oe*t,3);if(E||F){let ue=E?U/r:0,X=F?U/l:0,A=N==ee?N:Me($a(oe.getFullYear()+X,oe.getMonth()+ue,1)*t,3),ie=new Date(Xe(A/t)),O=ie.getFullYear(),J=ie.getMonth();for(let V=0;A<=I;V++){let fe=$a(O+X*V,J+ue*V,1),H=fe-g(Me(fe*t,3));A=Me((+fe+H)*t,3),A<=I&&S.push(A)}}else{let ue=U>=i?i:U,X=Dt(C)-Dt(N),A=ee+X+ur(N-ee,ue);S.push(A);let ie=g(A),O=ie.getHours()+ie.getMinutes()/e+ie.getSeconds()/s,J=U/s,V=y.axes[P]._space,fe=G/V;for(;A=Me(A+U,t==1?0:3),!(A>I);)if(J>1){let H=Dt(Me(O+J,6))%24,ge=g(A).getHours()-H;ge>1&&(ge=-1),A-=ge*s,O=(O+J)%24;let _e=S[S.length-1];Me((A-_e)/U,3)*fe>=.7&&S.push(A)}else S.push(A)}return S}}return[u,f,v]}var[pu,uu,hu]=xc(1),[fu,mu,gu]=xc(.001);bi(2,-53,53,[1]);function jo(t,n){return t.map(e=>e.map((s,i)=>i==0||i==8||s==null?s:n(i==1||e[8]==0?s:e[1]+s)))}function Vo(t,n){return(e,s,i,r,l)=>{let d=n.find(C=>l>=C[0])||n[n.length-1],u,f,v,g,y,P;return s.map(C=>{let I=t(C),U=I.getFullYear(),G=I.getMonth(),S=I.getDate(),F=I.getHours(),E=I.getMinutes(),re=I.getSeconds(),N=U!=u&&d[2]||G!=f&&d[3]||S!=v&&d[4]||F!=g&&d[5]||E!=y&&d[6]||re!=P&&d[7]||d[1];return u=U,f=G,v=S,g=F,y=E,P=re,N(I)})}}function vu(t,n){let e=Ha(n);return(s,i,r,l,d)=>i.map(u=>e(t(u)))}function $a(t,n,e){return new Date(t,n,e)}function Io(t,n){return n(t)}var bu="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function Fo(t,n){return(e,s,i,r)=>r==null?Da:n(t(s))}function $u(t,n){let e=t.series[n];return e.width?e.stroke(t,n):e.points.width?e.points.stroke(t,n):null}function yu(t,n){return t.series[n].fill(t,n)}var wu={show:!0,live:!0,isolate:!1,mount:jp,markers:{show:!0,width:2,stroke:$u,fill:yu,dash:"solid"},idx:null,idxs:null,values:[]};function xu(t,n){let e=t.cursor.points,s=Ft(),i=e.size(t,n);Ne(s,hi,i),Ne(s,fi,i);let r=i/-2;Ne(s,"marginLeft",r),Ne(s,"marginTop",r);let l=e.width(t,n,i);return l&&Ne(s,"borderWidth",l),s}function ku(t,n){let e=t.series[n].points;return e._fill||e._stroke}function Su(t,n){let e=t.series[n].points;return e._stroke||e._fill}function _u(t,n){return t.series[n].points.size}var ya=[0,0];function Tu(t,n,e){return ya[0]=n,ya[1]=e,ya}function rr(t,n,e,s=!0){return i=>{i.button==0&&(!s||i.target==n)&&e(i)}}function wa(t,n,e,s=!0){return i=>{(!s||i.target==n)&&e(i)}}var Eu={show:!0,x:!0,y:!0,lock:!1,move:Tu,points:{one:!1,show:xu,size:_u,width:0,stroke:Su,fill:ku},bind:{mousedown:rr,mouseup:rr,click:rr,dblclick:rr,mousemove:wa,mouseleave:wa,mouseenter:wa},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(t,n)=>{n.stopPropagation(),n.stopImmediatePropagation()},_x:!1,_y:!1},focus:{dist:(t,n,e,s,i)=>s-i,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},kc={show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Va=Ye({},kc,{filter:cc}),Sc=Ye({},Va,{size:10}),_c=Ye({},kc,{show:!1}),Ia='12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',Tc="bold "+Ia,Ec=1.5,Wo={show:!0,scale:"x",stroke:Ra,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Tc,side:2,grid:Va,ticks:Sc,border:_c,font:Ia,lineGap:Ec,rotate:0},Au="Value",Pu="Time",Uo={show:!0,scale:"x",auto:!1,sorted:1,min:Pe,max:-Pe,idxs:[]};function Mu(t,n,e,s,i){return n.map(r=>r==null?"":qa(r))}function Cu(t,n,e,s,i,r,l){let d=[],u=Ps.get(i)||0;e=l?e:Me(ur(e,i),u);for(let f=e;f<=s;f=Me(f+i,u))d.push(Object.is(f,-0)?0:f);return d}function Ea(t,n,e,s,i,r,l){let d=[],u=t.scales[t.axes[n].scale].log,f=u==10?vs:ac,v=Dt(f(e));i=Nn(u,v),u==10&&(i=Xs[Zt(i,Xs)]);let g=e,y=i*u;u==10&&(y=Xs[Zt(y,Xs)]);do d.push(g),g=g+i,u==10&&!Ps.has(g)&&(g=Me(g,Ps.get(i))),g>=y&&(i=g,y=i*u,u==10&&(y=Xs[Zt(y,Xs)]));while(g<=s);return d}function Ru(t,n,e,s,i,r,l){let u=t.scales[t.axes[n].scale].asinh,f=s>u?Ea(t,n,yt(u,e),s,i):[u],v=s>=0&&e<=0?[0]:[];return(e<-u?Ea(t,n,yt(u,-s),-e,i):[u]).reverse().map(y=>-y).concat(v,f)}var Ac=/./,Du=/[12357]/,Lu=/[125]/,Bo=/1/,Aa=(t,n,e,s)=>t.map((i,r)=>n==4&&i==0||r%s==0&&e.test(i.toExponential()[i<0?1:0])?i:null);function Nu(t,n,e,s,i){let r=t.axes[e],l=r.scale,d=t.scales[l],u=t.valToPos,f=r._space,v=u(10,l),g=u(9,l)-v>=f?Ac:u(7,l)-v>=f?Du:u(5,l)-v>=f?Lu:Bo;if(g==Bo){let y=et(u(1,l)-v);if(y<f)return Aa(n.slice().reverse(),d.distr,g,Wt(f/y)).reverse()}return Aa(n,d.distr,g,1)}function Ou(t,n,e,s,i){let r=t.axes[e],l=r.scale,d=r._space,u=t.valToPos,f=et(u(1,l)-u(2,l));return f<d?Aa(n.slice().reverse(),3,Ac,Wt(d/f)).reverse():n}function qu(t,n,e,s){return s==null?Da:n==null?"":qa(n)}var Go={show:!0,scale:"y",stroke:Ra,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Tc,side:3,grid:Va,ticks:Sc,border:_c,font:Ia,lineGap:Ec,rotate:0};function zu(t,n){let e=3+(t||1)*2;return Me(e*n,3)}function Hu(t,n){let{scale:e,idxs:s}=t.series[0],i=t._data[0],r=t.valToPos(i[s[0]],e,!0),l=t.valToPos(i[s[1]],e,!0),d=et(l-r),u=t.series[n],f=d/(u.points.space*we);return s[1]-s[0]<=f}var Yo={scale:null,auto:!0,sorted:0,min:Pe,max:-Pe},Pc=(t,n,e,s,i)=>i,Jo={show:!0,auto:!0,sorted:0,gaps:Pc,alpha:1,facets:[Ye({},Yo,{scale:"x"}),Ye({},Yo,{scale:"y"})]},Ko={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,gaps:Pc,alpha:1,points:{show:Hu,filter:null},values:null,min:Pe,max:-Pe,idxs:[],path:null,clip:null};function ju(t,n,e,s,i){return e/10}var Mc={time:!0,auto:!0,distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Vu=Ye({},Mc,{time:!1,ori:1}),Qo={};function Cc(t,n){let e=Qo[t];return e||(e={key:t,plots:[],sub(s){e.plots.push(s)},unsub(s){e.plots=e.plots.filter(i=>i!=s)},pub(s,i,r,l,d,u,f){for(let v=0;v<e.plots.length;v++)e.plots[v]!=i&&e.plots[v].pub(s,i,r,l,d,u,f)}},t!=null&&(Qo[t]=e)),e}var zn=1,Pa=2;function nn(t,n,e){let s=t.mode,i=t.series[n],r=s==2?t._data[n]:t._data,l=t.scales,d=t.bbox,u=r[0],f=s==2?r[1]:r[n],v=s==2?l[i.facets[0].scale]:l[t.series[0].scale],g=s==2?l[i.facets[1].scale]:l[i.scale],y=d.left,P=d.top,C=d.width,I=d.height,U=t.valToPosH,G=t.valToPosV;return v.ori==0?e(i,u,f,v,g,U,G,y,P,C,I,mr,jn,vr,Dc,Nc):e(i,u,f,v,g,G,U,P,y,I,C,gr,Vn,Ua,Lc,Oc)}function Fa(t,n){let e=0,s=0,i=$e(t.bands,za);for(let r=0;r<i.length;r++){let l=i[r];l.series[0]==n?e=l.dir:l.series[1]==n&&(l.dir==1?s|=1:s|=2)}return[e,s==1?-1:s==2?1:s==3?2:0]}function Iu(t,n,e,s,i){let r=t.mode,l=t.series[n],d=r==2?l.facets[1].scale:l.scale,u=t.scales[d];return i==-1?u.min:i==1?u.max:u.distr==3?u.dir==1?u.min:u.max:0}function bs(t,n,e,s,i,r){return nn(t,n,(l,d,u,f,v,g,y,P,C,I,U)=>{let G=l.pxRound,S=f.dir*(f.ori==0?1:-1),F=f.ori==0?jn:Vn,E,re;S==1?(E=e,re=s):(E=s,re=e);let N=G(g(d[E],f,I,P)),oe=G(y(u[E],v,U,C)),ee=G(g(d[re],f,I,P)),ue=G(y(r==1?v.max:v.min,v,U,C)),X=new Path2D(i);return F(X,ee,ue),F(X,N,ue),F(X,N,oe),X})}function fr(t,n,e,s,i,r){let l=null;if(t.length>0){l=new Path2D;let d=n==0?vr:Ua,u=e;for(let g=0;g<t.length;g++){let y=t[g];if(y[1]>y[0]){let P=y[0]-u;P>0&&d(l,u,s,P,s+r),u=y[1]}}let f=e+i-u,v=10;f>0&&d(l,u,s-v/2,f,s+r+v)}return l}function Fu(t,n,e){let s=t[t.length-1];s&&s[0]==n?s[1]=e:t.push([n,e])}function Wa(t,n,e,s,i,r,l){let d=[],u=t.length;for(let f=i==1?e:s;f>=e&&f<=s;f+=i)if(n[f]===null){let g=f,y=f;if(i==1)for(;++f<=s&&n[f]===null;)y=f;else for(;--f>=e&&n[f]===null;)y=f;let P=r(t[g]),C=y==g?P:r(t[y]),I=g-i;P=l<=0&&I>=0&&I<u?r(t[I]):P;let G=y+i;C=l>=0&&G>=0&&G<u?r(t[G]):C,C>=P&&d.push([P,C])}return d}function Zo(t){return t==0?oc:t==1?Xe:n=>Zs(n,t)}function Rc(t){let n=t==0?mr:gr,e=t==0?(i,r,l,d,u,f)=>{i.arcTo(r,l,d,u,f)}:(i,r,l,d,u,f)=>{i.arcTo(l,r,u,d,f)},s=t==0?(i,r,l,d,u)=>{i.rect(r,l,d,u)}:(i,r,l,d,u)=>{i.rect(l,r,u,d)};return(i,r,l,d,u,f=0,v=0)=>{f==0&&v==0?s(i,r,l,d,u):(f=Xt(f,d/2,u/2),v=Xt(v,d/2,u/2),n(i,r+f,l),e(i,r+d,l,r+d,l+u,f),e(i,r+d,l+u,r,l+u,v),e(i,r,l+u,r,l,v),e(i,r,l,r+d,l,f),i.closePath())}}var mr=(t,n,e)=>{t.moveTo(n,e)},gr=(t,n,e)=>{t.moveTo(e,n)},jn=(t,n,e)=>{t.lineTo(n,e)},Vn=(t,n,e)=>{t.lineTo(e,n)},vr=Rc(0),Ua=Rc(1),Dc=(t,n,e,s,i,r)=>{t.arc(n,e,s,i,r)},Lc=(t,n,e,s,i,r)=>{t.arc(e,n,s,i,r)},Nc=(t,n,e,s,i,r,l)=>{t.bezierCurveTo(n,e,s,i,r,l)},Oc=(t,n,e,s,i,r,l)=>{t.bezierCurveTo(e,n,i,s,l,r)};function qc(t){return(n,e,s,i,r)=>nn(n,e,(l,d,u,f,v,g,y,P,C,I,U)=>{let{pxRound:G,points:S}=l,F,E;f.ori==0?(F=mr,E=Dc):(F=gr,E=Lc);let re=Me(S.width*we,3),N=(S.size-S.width)/2*we,oe=Me(N*2,3),ee=new Path2D,ue=new Path2D,{left:X,top:A,width:ie,height:O}=n.bbox;vr(ue,X-oe,A-oe,ie+oe*2,O+oe*2);let J=V=>{if(u[V]!=null){let fe=G(g(d[V],f,I,P)),H=G(y(u[V],v,U,C));F(ee,fe+N,H),E(ee,fe,H,N,0,ar*2)}};if(r)r.forEach(J);else for(let V=s;V<=i;V++)J(V);return{stroke:re>0?ee:null,fill:ee,clip:ue,flags:zn|Pa}})}function zc(t){return(n,e,s,i,r,l)=>{s!=i&&(r!=s&&l!=s&&t(n,e,s),r!=i&&l!=i&&t(n,e,i),t(n,e,l))}}var Wu=zc(jn),Uu=zc(Vn);function Hc(t){let n=$e(t?.alignGaps,0);return(e,s,i,r)=>nn(e,s,(l,d,u,f,v,g,y,P,C,I,U)=>{[i,r]=dr(u,i,r);let G=l.pxRound,S=O=>G(g(O,f,I,P)),F=O=>G(y(O,v,U,C)),E,re;f.ori==0?(E=jn,re=Wu):(E=Vn,re=Uu);let N=f.dir*(f.ori==0?1:-1),oe={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:zn},ee=oe.stroke,ue=!1;if(r-i>=I*4){let O=q=>e.posToVal(q,f.key,!0),J=null,V=null,fe,H,wt,Oe=S(d[N==1?i:r]),ge=S(d[i]),_e=S(d[r]),ce=O(N==1?ge+1:_e-1);for(let q=N==1?i:r;q>=i&&q<=r;q+=N){let Je=d[q],qe=(N==1?Je<ce:Je>ce)?Oe:S(Je),xe=u[q];qe==Oe?xe!=null?(H=xe,J==null?(E(ee,qe,F(H)),fe=J=V=H):H<J?J=H:H>V&&(V=H)):xe===null&&(ue=!0):(J!=null&&re(ee,Oe,F(J),F(V),F(fe),F(H)),xe!=null?(H=xe,E(ee,qe,F(H)),J=V=fe=H):(J=V=null,xe===null&&(ue=!0)),Oe=qe,ce=O(Oe+N))}J!=null&&J!=V&&wt!=Oe&&re(ee,Oe,F(J),F(V),F(fe),F(H))}else for(let O=N==1?i:r;O>=i&&O<=r;O+=N){let J=u[O];J===null?ue=!0:J!=null&&E(ee,S(d[O]),F(J))}let[A,ie]=Fa(e,s);if(l.fill!=null||A!=0){let O=oe.fill=new Path2D(ee),J=l.fillTo(e,s,l.min,l.max,A),V=F(J),fe=S(d[i]),H=S(d[r]);N==-1&&([H,fe]=[fe,H]),E(O,H,V),E(O,fe,V)}if(!l.spanGaps){let O=[];ue&&O.push(...Wa(d,u,i,r,N,S,n)),oe.gaps=O=l.gaps(e,s,i,r,O),oe.clip=fr(O,f.ori,P,C,I,U)}return ie!=0&&(oe.band=ie==2?[bs(e,s,i,r,ee,-1),bs(e,s,i,r,ee,1)]:bs(e,s,i,r,ee,ie)),oe})}function Bu(t){let n=$e(t.align,1),e=$e(t.ascDesc,!1),s=$e(t.alignGaps,0),i=$e(t.extend,!1);return(r,l,d,u)=>nn(r,l,(f,v,g,y,P,C,I,U,G,S,F)=>{[d,u]=dr(g,d,u);let E=f.pxRound,{left:re,width:N}=r.bbox,oe=ge=>E(C(ge,y,S,U)),ee=ge=>E(I(ge,P,F,G)),ue=y.ori==0?jn:Vn,X={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:zn},A=X.stroke,ie=y.dir*(y.ori==0?1:-1),O=ee(g[ie==1?d:u]),J=oe(v[ie==1?d:u]),V=J,fe=J;i&&n==-1&&(fe=re,ue(A,fe,O)),ue(A,J,O);for(let ge=ie==1?d:u;ge>=d&&ge<=u;ge+=ie){let _e=g[ge];if(_e==null)continue;let ce=oe(v[ge]),q=ee(_e);n==1?ue(A,ce,O):ue(A,V,q),ue(A,ce,q),O=q,V=ce}let H=V;i&&n==1&&(H=re+N,ue(A,H,O));let[wt,Oe]=Fa(r,l);if(f.fill!=null||wt!=0){let ge=X.fill=new Path2D(A),_e=f.fillTo(r,l,f.min,f.max,wt),ce=ee(_e);ue(ge,H,ce),ue(ge,fe,ce)}if(!f.spanGaps){let ge=[];ge.push(...Wa(v,g,d,u,ie,oe,s));let _e=f.width*we/2,ce=e||n==1?_e:-_e,q=e||n==-1?-_e:_e;ge.forEach(Je=>{Je[0]+=ce,Je[1]+=q}),X.gaps=ge=f.gaps(r,l,d,u,ge),X.clip=fr(ge,y.ori,U,G,S,F)}return Oe!=0&&(X.band=Oe==2?[bs(r,l,d,u,A,-1),bs(r,l,d,u,A,1)]:bs(r,l,d,u,A,Oe)),X})}function Xo(t,n,e,s,i,r,l=Pe){if(t.length>1){let d=null;for(let u=0,f=1/0;u<t.length;u++)if(n[u]!==void 0){if(d!=null){let v=et(t[u]-t[d]);v<f&&(f=v,l=et(e(t[u],s,i,r)-e(t[d],s,i,r)))}d=u}}return l}function Gu(t){t=t||vi;let n=$e(t.size,[.6,Pe,1]),e=t.align||0,s=t.gap||0,i=t.radius;i=i==null?[0,0]:typeof i=="number"?[i,0]:i;let r=he(i),l=1-n[0],d=$e(n[1],Pe),u=$e(n[2],1),f=$e(t.disp,vi),v=$e(t.each,P=>{}),{fill:g,stroke:y}=f;return(P,C,I,U)=>nn(P,C,(G,S,F,E,re,N,oe,ee,ue,X,A)=>{let ie=G.pxRound,O=e,J=s*we,V=d*we,fe=u*we,H,wt;E.ori==0?[H,wt]=r(P,C):[wt,H]=r(P,C);let Oe=E.dir*(E.ori==0?1:-1),ge=E.ori==0?vr:Ua,_e=E.ori==0?v:(D,Ce,Ke,pn,Os,ts,qs)=>{v(D,Ce,Ke,Os,pn,qs,ts)},ce=$e(P.bands,za).find(D=>D.series[0]==C),q=ce!=null?ce.dir:0,Je=G.fillTo(P,C,G.min,G.max,q),ft=ie(oe(Je,re,A,ue)),qe,xe,Ut,St=X,He=ie(G.width*we),es=!1,ps=null,Nt=null,$s=null,on=null;g!=null&&(He==0||y!=null)&&(es=!0,ps=g.values(P,C,I,U),Nt=new Map,new Set(ps).forEach(D=>{D!=null&&Nt.set(D,new Path2D)}),He>0&&($s=y.values(P,C,I,U),on=new Map,new Set($s).forEach(D=>{D!=null&&on.set(D,new Path2D)})));let{x0:cn,size:Un}=f;if(cn!=null&&Un!=null){O=1,S=cn.values(P,C,I,U),cn.unit==2&&(S=S.map(Ke=>P.posToVal(ee+Ke*X,E.key,!0)));let D=Un.values(P,C,I,U);Un.unit==2?xe=D[0]*X:xe=N(D[0],E,X,ee)-N(0,E,X,ee),St=Xo(S,F,N,E,X,ee,St),Ut=St-xe+J}else St=Xo(S,F,N,E,X,ee,St),Ut=St*l+J,xe=St-Ut;Ut<1&&(Ut=0),He>=xe/2&&(He=0),Ut<5&&(ie=oc);let Ci=Ut>0,Ls=St-Ut-(Ci?He:0);xe=ie(Ta(Ls,fe,V)),qe=(O==0?xe/2:O==Oe?0:xe)-O*Oe*((O==0?J/2:0)+(Ci?He/2:0));let mt={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},dn=es?null:new Path2D,us=null;if(ce!=null)us=P.data[ce.series[1]];else{let{y0:D,y1:Ce}=f;D!=null&&Ce!=null&&(F=Ce.values(P,C,I,U),us=D.values(P,C,I,U))}let Ns=H*xe,se=wt*xe;for(let D=Oe==1?I:U;D>=I&&D<=U;D+=Oe){let Ce=F[D];if(Ce==null)continue;if(us!=null){let xt=us[D]??0;if(Ce-xt==0)continue;ft=oe(xt,re,A,ue)}let Ke=E.distr!=2||f!=null?S[D]:D,pn=N(Ke,E,X,ee),Os=oe($e(Ce,Je),re,A,ue),ts=ie(pn-qe),qs=ie(yt(Os,ft)),_t=ie(Xt(Os,ft)),Ot=qs-_t;if(Ce!=null){let xt=Ce<0?se:Ns,Bt=Ce<0?Ns:se;es?(He>0&&$s[D]!=null&&ge(on.get($s[D]),ts,_t+Dt(He/2),xe,yt(0,Ot-He),xt,Bt),ps[D]!=null&&ge(Nt.get(ps[D]),ts,_t+Dt(He/2),xe,yt(0,Ot-He),xt,Bt)):ge(dn,ts,_t+Dt(He/2),xe,yt(0,Ot-He),xt,Bt),_e(P,C,D,ts-He/2,_t,xe+He,Ot)}}return He>0?mt.stroke=es?on:dn:es||(mt._fill=G.width==0?G._fill:G._stroke??G._fill,mt.width=0),mt.fill=es?Nt:dn,mt})}function Yu(t,n){let e=$e(n?.alignGaps,0);return(s,i,r,l)=>nn(s,i,(d,u,f,v,g,y,P,C,I,U,G)=>{[r,l]=dr(f,r,l);let S=d.pxRound,F=H=>S(y(H,v,U,C)),E=H=>S(P(H,g,G,I)),re,N,oe;v.ori==0?(re=mr,oe=jn,N=Nc):(re=gr,oe=Vn,N=Oc);let ee=v.dir*(v.ori==0?1:-1),ue=F(u[ee==1?r:l]),X=ue,A=[],ie=[];for(let H=ee==1?r:l;H>=r&&H<=l;H+=ee)if(f[H]!=null){let Oe=u[H],ge=F(Oe);A.push(X=ge),ie.push(E(f[H]))}let O={stroke:t(A,ie,re,oe,N,S),fill:null,clip:null,band:null,gaps:null,flags:zn},J=O.stroke,[V,fe]=Fa(s,i);if(d.fill!=null||V!=0){let H=O.fill=new Path2D(J),wt=d.fillTo(s,i,d.min,d.max,V),Oe=E(wt);oe(H,X,Oe),oe(H,ue,Oe)}if(!d.spanGaps){let H=[];H.push(...Wa(u,f,r,l,ee,F,e)),O.gaps=H=d.gaps(s,i,r,l,H),O.clip=fr(H,v.ori,C,I,U,G)}return fe!=0&&(O.band=fe==2?[bs(s,i,r,l,J,-1),bs(s,i,r,l,J,1)]:bs(s,i,r,l,J,fe)),O})}function Ju(t){return Yu(Ku,t)}function Ku(t,n,e,s,i,r){let l=t.length;if(l<2)return null;let d=new Path2D;if(e(d,t[0],n[0]),l==2)s(d,t[1],n[1]);else{let u=Array(l),f=Array(l-1),v=Array(l-1),g=Array(l-1);for(let y=0;y<l-1;y++)v[y]=n[y+1]-n[y],g[y]=t[y+1]-t[y],f[y]=v[y]/g[y];u[0]=f[0];for(let y=1;y<l-1;y++)f[y]===0||f[y-1]===0||f[y-1]>0!=f[y]>0?u[y]=0:(u[y]=3*(g[y-1]+g[y])/((2*g[y]+g[y-1])/f[y-1]+(g[y]+2*g[y-1])/f[y]),isFinite(u[y])||(u[y]=0));u[l-1]=f[l-2];for(let y=0;y<l-1;y++)i(d,t[y]+g[y]/3,n[y]+u[y]*g[y]/3,t[y+1]-g[y]/3,n[y+1]-u[y+1]*g[y]/3,t[y+1],n[y+1])}return d}var Ma=new Set;function ec(){for(let t of Ma)t.syncRect(!0)}Hn&&(tn(Mp,Ln,ec),tn(Cp,Ln,ec,!0),tn(lr,Ln,()=>{dt.pxRatio=we}));var Qu=Hc(),Zu=qc();function tc(t,n,e,s){return(s?[t[0],t[1]].concat(t.slice(2)):[t[0]].concat(t.slice(1))).map((r,l)=>Ca(r,l,n,e))}function Xu(t,n){return t.map((e,s)=>s==0?{}:Ye({},n,e))}function Ca(t,n,e,s){return Ye({},n==0?e:s,t)}function jc(t,n,e){return n==null?On:[n,e]}var eh=jc;function th(t,n,e){return n==null?On:or(n,e,Oa,!0)}function Vc(t,n,e,s){return n==null?On:pr(n,e,t.scales[s].log,!1)}var sh=Vc;function Ic(t,n,e,s){return n==null?On:Na(n,e,t.scales[s].log,!1)}var nh=Ic;function ih(t,n,e,s,i){let r=yt(Do(t),Do(n)),l=n-t,d=Zt(i/s*l,e);do{let u=e[d],f=s*u/l;if(f>=i&&r+(u<5?Ps.get(u):0)<=17)return[u,f]}while(++d<e.length);return[0,0]}function sc(t){let n,e;return t=t.replace(/(\d+)px/,(s,i)=>(n=Xe((e=+i)*we))+"px"),[t,n,e]}function rh(t){t.show&&[t.font,t.labelFont].forEach(n=>{let e=Me(n[2]*we,1);n[0]=n[0].replace(/[0-9.]+px/,e+"px"),n[1]=e})}function dt(t,n,e){let s={mode:$e(t.mode,1)},i=s.mode;function r(a,o,p,h){let m=o.valToPct(a);return h+p*(o.dir==-1?1-m:m)}function l(a,o,p,h){let m=o.valToPct(a);return h+p*(o.dir==-1?m:1-m)}function d(a,o,p,h){return o.ori==0?r(a,o,p,h):l(a,o,p,h)}s.valToPosH=r,s.valToPosV=l;let u=!1;s.status=0;let f=s.root=Ft(up);if(t.id!=null&&(f.id=t.id),Rt(f,t.class),t.title){let a=Ft(mp,f);a.textContent=t.title}let v=Qt("canvas"),g=s.ctx=v.getContext("2d"),y=Ft(gp,f);tn("click",y,a=>{a.target===C&&(Re!=xn||ze!=kn)&&ot.click(s,a)},!0);let P=s.under=Ft(vp,y);y.appendChild(v);let C=s.over=Ft(bp,y);t=qn(t);let I=+$e(t.pxAlign,1),U=Zo(I);(t.plugins||[]).forEach(a=>{a.opts&&(t=a.opts(s,t)||t)});let G=t.ms||.001,S=s.series=i==1?tc(t.series||[],Uo,Ko,!1):Xu(t.series||[null],Jo),F=s.axes=tc(t.axes||[],Wo,Go,!0),E=s.scales={},re=s.bands=t.bands||[];re.forEach(a=>{a.fill=he(a.fill||null),a.dir=$e(a.dir,-1)});let N=i==2?S[1].facets[0].scale:S[0].scale,oe={axes:$d,series:fd},ee=(t.drawOrder||["axes","series"]).map(a=>oe[a]);function ue(a){let o=a.distr==3?p=>vs(p>0?p:a.clamp(s,p,a.min,a.max,a.key)):a.distr==4?p=>ba(p,a.asinh):a.distr==100?p=>a.fwd(p):p=>p;return p=>{let h=o(p),{_min:m,_max:b}=a,w=b-m;return(h-m)/w}}function X(a){let o=E[a];if(o==null){let p=(t.scales||vi)[a]||vi;if(p.from!=null){X(p.from);let h=Ye({},E[p.from],p,{key:a});h.valToPct=ue(h),E[a]=h}else{o=E[a]=Ye({},a==N?Mc:Vu,p),o.key=a;let h=o.time,m=o.range,b=As(m);if((a!=N||i==2&&!h)&&(b&&(m[0]==null||m[1]==null)&&(m={min:m[0]==null?Mo:{mode:1,hard:m[0],soft:m[0]},max:m[1]==null?Mo:{mode:1,hard:m[1],soft:m[1]}},b=!1),!b&&hr(m))){let w=m;m=(x,k,M)=>k==null?On:or(k,M,w)}o.range=he(m||(h?eh:a==N?o.distr==3?sh:o.distr==4?nh:jc:o.distr==3?Vc:o.distr==4?Ic:th)),o.auto=he(b?!1:o.auto),o.clamp=he(o.clamp||ju),o._min=o._max=null,o.valToPct=ue(o)}}}X("x"),X("y"),i==1&&S.forEach(a=>{X(a.scale)}),F.forEach(a=>{X(a.scale)});for(let a in t.scales)X(a);let A=E[N],ie=A.distr,O,J;A.ori==0?(Rt(f,hp),O=r,J=l):(Rt(f,fp),O=l,J=r);let V={};for(let a in E){let o=E[a];(o.min!=null||o.max!=null)&&(V[a]={min:o.min,max:o.max},o.min=o.max=null)}let fe=t.tzDate||(a=>new Date(Xe(a/G))),H=t.fmtDate||Ha,wt=G==1?hu(fe):gu(fe),Oe=Vo(fe,jo(G==1?uu:mu,H)),ge=Fo(fe,Io(bu,H)),_e=[],ce=s.legend=Ye({},wu,t.legend),q=s.cursor=Ye({},Eu,{drag:{y:i==2}},t.cursor),Je=ce.show,ft=q.show,qe=ce.markers;ce.idxs=_e,qe.width=he(qe.width),qe.dash=he(qe.dash),qe.stroke=he(qe.stroke),qe.fill=he(qe.fill);let xe,Ut,St,He=[],es=[],ps,Nt=!1,$s={};if(ce.live){let a=S[1]?S[1].values:null;Nt=a!=null,ps=Nt?a(s,1,0):{_:0};for(let o in ps)$s[o]=Da}if(Je)if(xe=Qt("table",Sp,f),St=Qt("tbody",null,xe),ce.mount(s,xe),Nt){Ut=Qt("thead",null,xe,St);let a=Qt("tr",null,Ut);Qt("th",null,a);for(var on in ps)Qt("th",vo,a).textContent=on}else Rt(xe,Tp),ce.live&&Rt(xe,_p);let cn={show:!0},Un={show:!1};function Ci(a,o){if(o==0&&(Nt||!ce.live||i==2))return On;let p=[],h=Qt("tr",Ep,St,St.childNodes[o]);Rt(h,a.class),a.show||Rt(h,en);let m=Qt("th",null,h);if(qe.show){let x=Ft(Ap,m);if(o>0){let k=qe.width(s,o);k&&(x.style.border=k+"px "+qe.dash(s,o)+" "+qe.stroke(s,o)),x.style.background=qe.fill(s,o)}}let b=Ft(vo,m);a.label instanceof HTMLElement?b.appendChild(a.label):b.textContent=a.label,o>0&&(qe.show||(b.style.color=a.width>0?qe.stroke(s,o):qe.fill(s,o)),mt("click",m,x=>{if(q._lock)return;Hs(x);let k=S.indexOf(a);if((x.ctrlKey||x.metaKey)!=ce.isolate){let M=S.some((R,L)=>L>0&&L!=k&&R.show);S.forEach((R,L)=>{L>0&&ns(L,M?L==k?cn:Un:cn,!0,Ue.setSeries)})}else ns(k,{show:!a.show},!0,Ue.setSeries)},!1),hn&&mt(wo,m,x=>{q._lock||(Hs(x),ns(S.indexOf(a),_n,!0,Ue.setSeries))},!1));for(var w in ps){let x=Qt("td",Pp,h);x.textContent="--",p.push(x)}return[h,p]}let Ls=new Map;function mt(a,o,p,h=!0){let m=Ls.get(o)||{},b=q.bind[a](s,o,p,h);b&&(tn(a,o,m[a]=b),Ls.set(o,m))}function dn(a,o,p){let h=Ls.get(o)||{};for(let m in h)(a==null||m==a)&&(_a(m,o,h[m]),delete h[m]);a==null&&Ls.delete(o)}let us=0,Ns=0,se=0,D=0,Ce=0,Ke=0,pn=Ce,Os=Ke,ts=se,qs=D,_t=0,Ot=0,xt=0,Bt=0;s.bbox={};let kr=!1,Ri=!1,un=!1,zs=!1,Di=!1,qt=!1;function Sr(a,o,p){(p||a!=s.width||o!=s.height)&&Qa(a,o),bn(!1),un=!0,Ri=!0,$n()}function Qa(a,o){s.width=us=se=a,s.height=Ns=D=o,Ce=Ke=0,ld(),od();let p=s.bbox;_t=p.left=Zs(Ce*we,.5),Ot=p.top=Zs(Ke*we,.5),xt=p.width=Zs(se*we,.5),Bt=p.height=Zs(D*we,.5)}let id=3;function rd(){let a=!1,o=0;for(;!a;){o++;let p=vd(o),h=bd(o);a=o==id||p&&h,a||(Qa(s.width,s.height),Ri=!0)}}function ad({width:a,height:o}){Sr(a,o)}s.setSize=ad;function ld(){let a=!1,o=!1,p=!1,h=!1;F.forEach((m,b)=>{if(m.show&&m._show){let{side:w,_size:x}=m,k=w%2,M=m.label!=null?m.labelSize:0,R=x+M;R>0&&(k?(se-=R,w==3?(Ce+=R,h=!0):p=!0):(D-=R,w==0?(Ke+=R,a=!0):o=!0))}}),js[0]=a,js[1]=p,js[2]=o,js[3]=h,se-=ys[1]+ys[3],Ce+=ys[3],D-=ys[2]+ys[0],Ke+=ys[0]}function od(){let a=Ce+se,o=Ke+D,p=Ce,h=Ke;function m(b,w){switch(b){case 1:return a+=w,a-w;case 2:return o+=w,o-w;case 3:return p-=w,p+w;case 0:return h-=w,h+w}}F.forEach((b,w)=>{if(b.show&&b._show){let x=b.side;b._pos=m(x,b._size),b.label!=null&&(b._lpos=m(x,b.labelSize))}})}if(q.dataIdx==null){let a=q.hover,o=a.skip=new Set(a.skip??[]);o.add(void 0);let p=a.prox=he(a.prox),h=a.bias??=0;q.dataIdx=(m,b,w,x)=>{if(b==0)return w;let k=w,M=p(m,b,w,x)??Pe,R=M>=0&&M<Pe,L=A.ori==0?se:D,K=q.left,ye=n[0],ve=n[b];if(o.has(ve[w])){k=null;let de=null,B=null,z;if(h==0||h==-1)for(z=w;de==null&&z-- >0;)o.has(ve[z])||(de=z);if(h==0||h==1)for(z=w;B==null&&z++<ve.length;)o.has(ve[z])||(B=z);if(de!=null||B!=null)if(R){let Le=de==null?-1/0:O(ye[de],A,L,0),Ve=B==null?1/0:O(ye[B],A,L,0),at=K-Le,Te=Ve-K;at<=Te?at<=M&&(k=de):Te<=M&&(k=B)}else k=B==null?de:de==null?B:w-de<=B-w?de:B}else R&&et(K-O(ye[w],A,L,0))>M&&(k=null);return k}}let Hs=a=>{q.event=a};q.idxs=_e,q._lock=!1;let pt=q.points;pt.show=he(pt.show),pt.size=he(pt.size),pt.stroke=he(pt.stroke),pt.width=he(pt.width),pt.fill=he(pt.fill);let ss=s.focus=Ye({},t.focus||{alpha:.3},q.focus),hn=ss.prox>=0,fn=hn&&pt.one,zt=[],mn=[],gn=[];function Za(a,o){let p=pt.show(s,o);if(p instanceof HTMLElement)return Rt(p,kp),Rt(p,a.class),ds(p,-10,-10,se,D),C.insertBefore(p,zt[o]),p}function Xa(a,o){if(i==1||o>0){let p=i==1&&E[a.scale].time,h=a.value;a.value=p?Oo(h)?Fo(fe,Io(h,H)):h||ge:h||qu,a.label=a.label||(p?Pu:Au)}if(fn||o>0){a.width=a.width==null?1:a.width,a.paths=a.paths||Qu||Vp,a.fillTo=he(a.fillTo||Iu),a.pxAlign=+$e(a.pxAlign,I),a.pxRound=Zo(a.pxAlign),a.stroke=he(a.stroke||null),a.fill=he(a.fill||null),a._stroke=a._fill=a._paths=a._focus=null;let p=zu(yt(1,a.width),1),h=a.points=Ye({},{size:p,width:yt(1,p*.2),stroke:a.stroke,space:p*2,paths:Zu,_stroke:null,_fill:null},a.points);h.show=he(h.show),h.filter=he(h.filter),h.fill=he(h.fill),h.stroke=he(h.stroke),h.paths=he(h.paths),h.pxAlign=a.pxAlign}if(Je){let p=Ci(a,o);He.splice(o,0,p[0]),es.splice(o,0,p[1]),ce.values.push(null)}if(ft){_e.splice(o,0,null);let p=null;fn?o==0&&(p=Za(a,o)):o>0&&(p=Za(a,o)),zt.splice(o,0,p),mn.splice(o,0,0),gn.splice(o,0,0)}rt("addSeries",o)}function cd(a,o){o=o??S.length,a=i==1?Ca(a,o,Uo,Ko):Ca(a,o,{},Jo),S.splice(o,0,a),Xa(S[o],o)}s.addSeries=cd;function dd(a){if(S.splice(a,1),Je){ce.values.splice(a,1),es.splice(a,1);let o=He.splice(a,1)[0];dn(null,o.firstChild),o.remove()}ft&&(_e.splice(a,1),zt.splice(a,1)[0].remove(),mn.splice(a,1),gn.splice(a,1)),rt("delSeries",a)}s.delSeries=dd;let js=[!1,!1,!1,!1];function pd(a,o){if(a._show=a.show,a.show){let p=a.side%2,h=E[a.scale];h==null&&(a.scale=p?S[1].scale:N,h=E[a.scale]);let m=h.time;a.size=he(a.size),a.space=he(a.space),a.rotate=he(a.rotate),As(a.incrs)&&a.incrs.forEach(w=>{!Ps.has(w)&&Ps.set(w,pc(w))}),a.incrs=he(a.incrs||(h.distr==2?cu:m?G==1?pu:fu:Xs)),a.splits=he(a.splits||(m&&h.distr==1?wt:h.distr==3?Ea:h.distr==4?Ru:Cu)),a.stroke=he(a.stroke),a.grid.stroke=he(a.grid.stroke),a.ticks.stroke=he(a.ticks.stroke),a.border.stroke=he(a.border.stroke);let b=a.values;a.values=As(b)&&!As(b[0])?he(b):m?As(b)?Vo(fe,jo(b,H)):Oo(b)?vu(fe,b):b||Oe:b||Mu,a.filter=he(a.filter||(h.distr>=3&&h.log==10?Nu:h.distr==3&&h.log==2?Ou:cc)),a.font=sc(a.font),a.labelFont=sc(a.labelFont),a._size=a.size(s,null,o,0),a._space=a._rotate=a._incrs=a._found=a._splits=a._values=null,a._size>0&&(js[o]=!0,a._el=Ft($p,y))}}function Bn(a,o,p,h){let[m,b,w,x]=p,k=o%2,M=0;return k==0&&(x||b)&&(M=o==0&&!m||o==2&&!w?Xe(Wo.size/3):0),k==1&&(m||w)&&(M=o==1&&!b||o==3&&!x?Xe(Go.size/2):0),M}let el=s.padding=(t.padding||[Bn,Bn,Bn,Bn]).map(a=>he($e(a,Bn))),ys=s._padding=el.map((a,o)=>a(s,o,js,0)),lt,tt=null,st=null,Li=i==1?S[0].idxs:null,Gt=null,Gn=!1;function tl(a,o){if(n=a??[],s.data=s._data=n,i==2){lt=0;for(let p=1;p<S.length;p++)lt+=n[p][0].length}else{n.length==0&&(s.data=s._data=n=[[]]),Gt=n[0],lt=Gt.length;let p=n;if(ie==2){p=n.slice();let h=p[0]=Array(lt);for(let m=0;m<lt;m++)h[m]=m}s._data=n=p}if(bn(!0),rt("setData"),ie==2&&(un=!0),o!==!1){let p=A;p.auto(s,Gn)?_r():xs(N,p.min,p.max),zs=zs||q.left>=0,qt=!0,$n()}}s.setData=tl;function _r(){Gn=!0;let a,o;i==1&&(lt>0?(tt=Li[0]=0,st=Li[1]=lt-1,a=n[0][tt],o=n[0][st],ie==2?(a=tt,o=st):a==o&&(ie==3?[a,o]=pr(a,a,A.log,!1):ie==4?[a,o]=Na(a,a,A.log,!1):A.time?o=a+Xe(86400/G):[a,o]=or(a,o,Oa,!0))):(tt=Li[0]=a=null,st=Li[1]=o=null)),xs(N,a,o)}let Ni,vn,Tr,Er,Ar,Pr,Mr,Cr,Rr,kt;function sl(a,o,p,h,m,b){a??=$o,p??=za,h??="butt",m??=$o,b??="round",a!=Ni&&(g.strokeStyle=Ni=a),m!=vn&&(g.fillStyle=vn=m),o!=Tr&&(g.lineWidth=Tr=o),b!=Ar&&(g.lineJoin=Ar=b),h!=Pr&&(g.lineCap=Pr=h),p!=Er&&g.setLineDash(Er=p)}function nl(a,o,p,h){o!=vn&&(g.fillStyle=vn=o),a!=Mr&&(g.font=Mr=a),p!=Cr&&(g.textAlign=Cr=p),h!=Rr&&(g.textBaseline=Rr=h)}function Dr(a,o,p,h,m=0){if(h.length>0&&a.auto(s,Gn)&&(o==null||o.min==null)){let b=$e(tt,0),w=$e(st,h.length-1),x=p.min==null?Np(h,b,w,m,a.distr==3):[p.min,p.max];a.min=Xt(a.min,p.min=x[0]),a.max=yt(a.max,p.max=x[1])}}let il={min:null,max:null};function ud(){for(let h in E){let m=E[h];V[h]==null&&(m.min==null||V[N]!=null&&m.auto(s,Gn))&&(V[h]=il)}for(let h in E){let m=E[h];V[h]==null&&m.from!=null&&V[m.from]!=null&&(V[h]=il)}V[N]!=null&&bn(!0);let a={};for(let h in V){let m=V[h];if(m!=null){let b=a[h]=qn(E[h],Wp);if(m.min!=null)Ye(b,m);else if(h!=N||i==2)if(lt==0&&b.from==null){let w=b.range(s,null,null,h);b.min=w[0],b.max=w[1]}else b.min=Pe,b.max=-Pe}}if(lt>0){S.forEach((h,m)=>{if(i==1){let b=h.scale,w=V[b];if(w==null)return;let x=a[b];if(m==0){let k=x.range(s,x.min,x.max,b);x.min=k[0],x.max=k[1],tt=Zt(x.min,n[0]),st=Zt(x.max,n[0]),st-tt>1&&(n[0][tt]<x.min&&tt++,n[0][st]>x.max&&st--),h.min=Gt[tt],h.max=Gt[st]}else h.show&&h.auto&&Dr(x,w,h,n[m],h.sorted);h.idxs[0]=tt,h.idxs[1]=st}else if(m>0&&h.show&&h.auto){let[b,w]=h.facets,x=b.scale,k=w.scale,[M,R]=n[m],L=a[x],K=a[k];L!=null&&Dr(L,V[x],b,M,b.sorted),K!=null&&Dr(K,V[k],w,R,w.sorted),h.min=w.min,h.max=w.max}});for(let h in a){let m=a[h],b=V[h];if(m.from==null&&(b==null||b.min==null)){let w=m.range(s,m.min==Pe?null:m.min,m.max==-Pe?null:m.max,h);m.min=w[0],m.max=w[1]}}}for(let h in a){let m=a[h];if(m.from!=null){let b=a[m.from];if(b.min==null)m.min=m.max=null;else{let w=m.range(s,b.min,b.max,h);m.min=w[0],m.max=w[1]}}}let o={},p=!1;for(let h in a){let m=a[h],b=E[h];if(b.min!=m.min||b.max!=m.max){b.min=m.min,b.max=m.max;let w=b.distr;b._min=w==3?vs(b.min):w==4?ba(b.min,b.asinh):w==100?b.fwd(b.min):b.min,b._max=w==3?vs(b.max):w==4?ba(b.max,b.asinh):w==100?b.fwd(b.max):b.max,o[h]=p=!0}}if(p){S.forEach((h,m)=>{i==2?m>0&&o.y&&(h._paths=null):o[h.scale]&&(h._paths=null)});for(let h in o)un=!0,rt("setScale",h);ft&&q.left>=0&&(zs=qt=!0)}for(let h in V)V[h]=null}function hd(a){let o=Ta(tt-1,0,lt-1),p=Ta(st+1,0,lt-1);for(;a[o]==null&&o>0;)o--;for(;a[p]==null&&p<lt-1;)p++;return[o,p]}function fd(){if(lt>0){let a=S.some(o=>o._focus)&&kt!=ss.alpha;a&&(g.globalAlpha=kt=ss.alpha),S.forEach((o,p)=>{if(p>0&&o.show&&(rl(p,!1),rl(p,!0),o._paths==null)){let h=kt;kt!=o.alpha&&(g.globalAlpha=kt=o.alpha);let m=i==2?[0,n[p][0].length-1]:hd(n[p]);o._paths=o.paths(s,p,m[0],m[1]),kt!=h&&(g.globalAlpha=kt=h)}}),S.forEach((o,p)=>{if(p>0&&o.show){let h=kt;kt!=o.alpha&&(g.globalAlpha=kt=o.alpha),o._paths!=null&&al(p,!1);{let m=o._paths!=null?o._paths.gaps:null,b=o.points.show(s,p,tt,st,m),w=o.points.filter(s,p,b,m);(b||w)&&(o.points._paths=o.points.paths(s,p,tt,st,w),al(p,!0))}kt!=h&&(g.globalAlpha=kt=h),rt("drawSeries",p)}}),a&&(g.globalAlpha=kt=1)}}function rl(a,o){let p=o?S[a].points:S[a];p._stroke=p.stroke(s,a),p._fill=p.fill(s,a)}function al(a,o){let p=o?S[a].points:S[a],{stroke:h,fill:m,clip:b,flags:w,_stroke:x=p._stroke,_fill:k=p._fill,_width:M=p.width}=p._paths;M=Me(M*we,3);let R=null,L=M%2/2;o&&k==null&&(k=M>0?"#fff":x);let K=p.pxAlign==1&&L>0;if(K&&g.translate(L,L),!o){let ye=_t-M/2,ve=Ot-M/2,de=xt+M,B=Bt+M;R=new Path2D,R.rect(ye,ve,de,B)}o?Lr(x,M,p.dash,p.cap,k,h,m,w,b):md(a,x,M,p.dash,p.cap,k,h,m,w,R,b),K&&g.translate(-L,-L)}function md(a,o,p,h,m,b,w,x,k,M,R){let L=!1;k!=0&&re.forEach((K,ye)=>{if(K.series[0]==a){let ve=S[K.series[1]],de=n[K.series[1]],B=(ve._paths||vi).band;As(B)&&(B=K.dir==1?B[0]:B[1]);let z,Le=null;ve.show&&B&&qp(de,tt,st)?(Le=K.fill(s,ye)||b,z=ve._paths.clip):B=null,Lr(o,p,h,m,Le,w,x,k,M,R,z,B),L=!0}}),L||Lr(o,p,h,m,b,w,x,k,M,R)}let ll=zn|Pa;function Lr(a,o,p,h,m,b,w,x,k,M,R,L){sl(a,o,p,h,m),(k||M||L)&&(g.save(),k&&g.clip(k),M&&g.clip(M)),L?(x&ll)==ll?(g.clip(L),R&&g.clip(R),qi(m,w),Oi(a,b,o)):x&Pa?(qi(m,w),g.clip(L),Oi(a,b,o)):x&zn&&(g.save(),g.clip(L),R&&g.clip(R),qi(m,w),g.restore(),Oi(a,b,o)):(qi(m,w),Oi(a,b,o)),(k||M||L)&&g.restore()}function Oi(a,o,p){p>0&&(o instanceof Map?o.forEach((h,m)=>{g.strokeStyle=Ni=m,g.stroke(h)}):o!=null&&a&&g.stroke(o))}function qi(a,o){o instanceof Map?o.forEach((p,h)=>{g.fillStyle=vn=h,g.fill(p)}):o!=null&&a&&g.fill(o)}function gd(a,o,p,h){let m=F[a],b;if(h<=0)b=[0,0];else{let w=m._space=m.space(s,a,o,p,h),x=m._incrs=m.incrs(s,a,o,p,h,w);b=ih(o,p,x,h,w)}return m._found=b}function Nr(a,o,p,h,m,b,w,x,k,M){let R=w%2/2;I==1&&g.translate(R,R),sl(x,w,k,M,x),g.beginPath();let L,K,ye,ve,de=m+(h==0||h==3?-b:b);p==0?(K=m,ve=de):(L=m,ye=de);for(let B=0;B<a.length;B++)o[B]!=null&&(p==0?L=ye=a[B]:K=ve=a[B],g.moveTo(L,K),g.lineTo(ye,ve));g.stroke(),I==1&&g.translate(-R,-R)}function vd(a){let o=!0;return F.forEach((p,h)=>{if(!p.show)return;let m=E[p.scale];if(m.min==null){p._show&&(o=!1,p._show=!1,bn(!1));return}else p._show||(o=!1,p._show=!0,bn(!1));let b=p.side,w=b%2,{min:x,max:k}=m,[M,R]=gd(h,x,k,w==0?se:D);if(R==0)return;let L=m.distr==2,K=p._splits=p.splits(s,h,x,k,M,R,L),ye=m.distr==2?K.map(z=>Gt[z]):K,ve=m.distr==2?Gt[K[1]]-Gt[K[0]]:M,de=p._values=p.values(s,p.filter(s,ye,h,R,ve),h,R,ve);p._rotate=b==2?p.rotate(s,de,h,R):0;let B=p._size;p._size=Wt(p.size(s,de,h,a)),B!=null&&p._size!=B&&(o=!1)}),o}function bd(a){let o=!0;return el.forEach((p,h)=>{let m=p(s,h,js,a);m!=ys[h]&&(o=!1),ys[h]=m}),o}function $d(){for(let a=0;a<F.length;a++){let o=F[a];if(!o.show||!o._show)continue;let p=o.side,h=p%2,m,b,w=o.stroke(s,a),x=p==0||p==3?-1:1,[k,M]=o._found;if(o.label!=null){let vt=o.labelGap*x,At=Xe((o._lpos+vt)*we);nl(o.labelFont[0],w,"center",p==2?"top":bo),g.save(),h==1?(m=b=0,g.translate(At,Xe(Ot+Bt/2)),g.rotate((p==3?-ar:ar)/2)):(m=Xe(_t+xt/2),b=At);let Fs=lc(o.label)?o.label(s,a,k,M):o.label;g.fillText(Fs,m,b),g.restore()}if(M==0)continue;let R=E[o.scale],L=h==0?xt:Bt,K=h==0?_t:Ot,ye=o._splits,ve=R.distr==2?ye.map(vt=>Gt[vt]):ye,de=R.distr==2?Gt[ye[1]]-Gt[ye[0]]:k,B=o.ticks,z=o.border,Le=B.show?B.size:0,Ve=Xe(Le*we),at=Xe((o.alignTo==2?o._size-Le-o.gap:o.gap)*we),Te=o._rotate*-ar/180,Ie=U(o._pos*we),Tt=(Ve+at)*x,gt=Ie+Tt;b=h==0?gt:0,m=h==1?gt:0;let Ht=o.font[0],Yt=o.align==1?Rn:o.align==2?ma:Te>0?Rn:Te<0?ma:h==0?"center":p==3?ma:Rn,rs=Te||h==1?"middle":p==2?"top":bo;nl(Ht,w,Yt,rs);let Et=o.font[1]*o.lineGap,jt=ye.map(vt=>U(d(vt,R,L,K))),Jt=o._values;for(let vt=0;vt<Jt.length;vt++){let At=Jt[vt];if(At!=null){h==0?m=jt[vt]:b=jt[vt],At=""+At;let Fs=At.indexOf(`
`)==-1?[At]:At.split(/\n/gm);for(let bt=0;bt<Fs.length;bt++){let Tl=Fs[bt];Te?(g.save(),g.translate(m,b+bt*Et),g.rotate(Te),g.fillText(Tl,0,0),g.restore()):g.fillText(Tl,m,b+bt*Et)}}}B.show&&Nr(jt,B.filter(s,ve,a,M,de),h,p,Ie,Ve,Me(B.width*we,3),B.stroke(s,a),B.dash,B.cap);let as=o.grid;as.show&&Nr(jt,as.filter(s,ve,a,M,de),h,h==0?2:1,h==0?Ot:_t,h==0?Bt:xt,Me(as.width*we,3),as.stroke(s,a),as.dash,as.cap),z.show&&Nr([Ie],[1],h==0?1:0,h==0?1:2,h==1?Ot:_t,h==1?Bt:xt,Me(z.width*we,3),z.stroke(s,a),z.dash,z.cap)}rt("drawAxes")}function bn(a){S.forEach((o,p)=>{p>0&&(o._paths=null,a&&(i==1?(o.min=null,o.max=null):o.facets.forEach(h=>{h.min=null,h.max=null})))})}let zi=!1,Or=!1,Yn=[];function yd(){Or=!1;for(let a=0;a<Yn.length;a++)rt(...Yn[a]);Yn.length=0}function $n(){zi||(Qp(ol),zi=!0)}function wd(a,o=!1){zi=!0,Or=o,a(s),ol(),o&&Yn.length>0&&queueMicrotask(yd)}s.batch=wd;function ol(){if(kr&&(ud(),kr=!1),un&&(rd(),un=!1),Ri){if(Ne(P,Rn,Ce),Ne(P,"top",Ke),Ne(P,hi,se),Ne(P,fi,D),Ne(C,Rn,Ce),Ne(C,"top",Ke),Ne(C,hi,se),Ne(C,fi,D),Ne(y,hi,us),Ne(y,fi,Ns),v.width=Xe(us*we),v.height=Xe(Ns*we),F.forEach(({_el:a,_show:o,_size:p,_pos:h,side:m})=>{if(a!=null)if(o){let b=m===3||m===0?p:0,w=m%2==1;Ne(a,w?"left":"top",h-b),Ne(a,w?"width":"height",p),Ne(a,w?"top":"left",w?Ke:Ce),Ne(a,w?"height":"width",w?D:se),Sa(a,en)}else Rt(a,en)}),Ni=vn=Tr=Ar=Pr=Mr=Cr=Rr=Er=null,kt=1,Qn(!0),Ce!=pn||Ke!=Os||se!=ts||D!=qs){bn(!1);let a=se/ts,o=D/qs;if(ft&&!zs&&q.left>=0){q.left*=a,q.top*=o,yn&&ds(yn,Xe(q.left),0,se,D),wn&&ds(wn,0,Xe(q.top),se,D);for(let p=0;p<zt.length;p++){let h=zt[p];h!=null&&(mn[p]*=a,gn[p]*=o,ds(h,Wt(mn[p]),Wt(gn[p]),se,D))}}if(De.show&&!Di&&De.left>=0&&De.width>0){De.left*=a,De.width*=a,De.top*=o,De.height*=o;for(let p in Ir)Ne(Sn,p,De[p])}pn=Ce,Os=Ke,ts=se,qs=D}rt("setSize"),Ri=!1}us>0&&Ns>0&&(g.clearRect(0,0,v.width,v.height),rt("drawClear"),ee.forEach(a=>a()),rt("draw")),De.show&&Di&&(Hi(De),Di=!1),ft&&zs&&(Is(null,!0,!1),zs=!1),ce.show&&ce.live&&qt&&(jr(),qt=!1),u||(u=!0,s.status=1,rt("ready")),Gn=!1,zi=!1}s.redraw=(a,o)=>{un=o||!1,a!==!1?xs(N,A.min,A.max):$n()};function qr(a,o){let p=E[a];if(p.from==null){if(lt==0){let h=p.range(s,o.min,o.max,a);o.min=h[0],o.max=h[1]}if(o.min>o.max){let h=o.min;o.min=o.max,o.max=h}if(lt>1&&o.min!=null&&o.max!=null&&o.max-o.min<1e-16)return;a==N&&p.distr==2&&lt>0&&(o.min=Zt(o.min,n[0]),o.max=Zt(o.max,n[0]),o.min==o.max&&o.max++),V[a]=o,kr=!0,$n()}}s.setScale=qr;let zr,Hr,yn,wn,cl,dl,xn,kn,pl,ul,Re,ze,ws=!1,ot=q.drag,nt=ot.x,it=ot.y;ft&&(q.x&&(zr=Ft(wp,C)),q.y&&(Hr=Ft(xp,C)),A.ori==0?(yn=zr,wn=Hr):(yn=Hr,wn=zr),Re=q.left,ze=q.top);let De=s.select=Ye({show:!0,over:!0,left:0,width:0,top:0,height:0},t.select),Sn=De.show?Ft(yp,De.over?C:P):null;function Hi(a,o){if(De.show){for(let p in a)De[p]=a[p],p in Ir&&Ne(Sn,p,a[p]);o!==!1&&rt("setSelect")}}s.setSelect=Hi;function xd(a){if(S[a].show)Je&&Sa(He[a],en);else if(Je&&Rt(He[a],en),ft){let p=fn?zt[0]:zt[a];p!=null&&ds(p,-10,-10,se,D)}}function xs(a,o,p){qr(a,{min:o,max:p})}function ns(a,o,p,h){o.focus!=null&&Ed(a),o.show!=null&&S.forEach((m,b)=>{b>0&&(a==b||a==null)&&(m.show=o.show,xd(b),i==2?(xs(m.facets[0].scale,null,null),xs(m.facets[1].scale,null,null)):xs(m.scale,null,null),$n())}),p!==!1&&rt("setSeries",a,o),h&&Zn("setSeries",s,a,o)}s.setSeries=ns;function kd(a,o){Ye(re[a],o)}function Sd(a,o){a.fill=he(a.fill||null),a.dir=$e(a.dir,-1),o=o??re.length,re.splice(o,0,a)}function _d(a){a==null?re.length=0:re.splice(a,1)}s.addBand=Sd,s.setBand=kd,s.delBand=_d;function Td(a,o){S[a].alpha=o,ft&&zt[a]!=null&&(zt[a].style.opacity=o),Je&&He[a]&&(He[a].style.opacity=o)}let hs,ks,Vs,_n={focus:!0};function Ed(a){if(a!=Vs){let o=a==null,p=ss.alpha!=1;S.forEach((h,m)=>{if(i==1||m>0){let b=o||m==0||m==a;h._focus=o?null:b,p&&Td(m,b?1:ss.alpha)}}),Vs=a,p&&$n()}}Je&&hn&&mt(xo,xe,a=>{q._lock||(Hs(a),Vs!=null&&ns(null,_n,!0,Ue.setSeries))});function is(a,o,p){let h=E[o];p&&(a=a/we-(h.ori==1?Ke:Ce));let m=se;h.ori==1&&(m=D,a=m-a),h.dir==-1&&(a=m-a);let b=h._min,w=h._max,x=a/m,k=b+(w-b)*x,M=h.distr;return M==3?Nn(10,k):M==4?Hp(k,h.asinh):M==100?h.bwd(k):k}function Ad(a,o){let p=is(a,N,o);return Zt(p,n[0],tt,st)}s.valToIdx=a=>Zt(a,n[0]),s.posToIdx=Ad,s.posToVal=is,s.valToPos=(a,o,p)=>E[o].ori==0?r(a,E[o],p?xt:se,p?_t:0):l(a,E[o],p?Bt:D,p?Ot:0),s.setCursor=(a,o,p)=>{Re=a.left,ze=a.top,Is(null,o,p)};function hl(a,o){Ne(Sn,Rn,De.left=a),Ne(Sn,hi,De.width=o)}function fl(a,o){Ne(Sn,"top",De.top=a),Ne(Sn,fi,De.height=o)}let Jn=A.ori==0?hl:fl,Kn=A.ori==1?hl:fl;function Pd(){if(Je&&ce.live)for(let a=i==2?1:0;a<S.length;a++){if(a==0&&Nt)continue;let o=ce.values[a],p=0;for(let h in o)es[a][p++].firstChild.nodeValue=o[h]}}function jr(a,o){if(a!=null&&(a.idxs?a.idxs.forEach((p,h)=>{_e[h]=p}):Fp(a.idx)||_e.fill(a.idx),ce.idx=_e[0]),Je&&ce.live){for(let p=0;p<S.length;p++)(p>0||i==1&&!Nt)&&Md(p,_e[p]);Pd()}qt=!1,o!==!1&&rt("setLegend")}s.setLegend=jr;function Md(a,o){let p=S[a],h=a==0&&ie==2?Gt:n[a],m;Nt?m=p.values(s,a,o)??$s:(m=p.value(s,o==null?null:h[o],a,o),m=m==null?$s:{_:m}),ce.values[a]=m}function Is(a,o,p){pl=Re,ul=ze,[Re,ze]=q.move(s,Re,ze),q.left=Re,q.top=ze,ft&&(yn&&ds(yn,Xe(Re),0,se,D),wn&&ds(wn,0,Xe(ze),se,D));let h,m=tt>st;hs=Pe,ks=null;let b=A.ori==0?se:D,w=A.ori==1?se:D;if(Re<0||lt==0||m){h=q.idx=null;for(let x=0;x<S.length;x++){let k=zt[x];k!=null&&ds(k,-10,-10,se,D)}hn&&ns(null,_n,!0,a==null&&Ue.setSeries),ce.live&&(_e.fill(h),qt=!0)}else{let x,k,M;i==1&&(x=A.ori==0?Re:ze,k=is(x,N),h=q.idx=Zt(k,n[0],tt,st),M=O(n[0][h],A,b,0));let R=-10,L=-10,K=0,ye=0,ve=!0,de="",B="";for(let z=i==2?1:0;z<S.length;z++){let Le=S[z],Ve=_e[z],at=Ve==null?null:i==1?n[z][Ve]:n[z][1][Ve],Te=q.dataIdx(s,z,h,k),Ie=Te==null?null:i==1?n[z][Te]:n[z][1][Te];if(qt=qt||Ie!=at||Te!=Ve,_e[z]=Te,z>0&&Le.show){let Tt=Te==null?-10:Te==h?M:O(i==1?n[0][Te]:n[z][0][Te],A,b,0),gt=Ie==null?-10:J(Ie,i==1?E[Le.scale]:E[Le.facets[1].scale],w,0);if(hn&&Ie!=null){let Ht=A.ori==1?Re:ze,Yt=et(ss.dist(s,z,Te,gt,Ht));if(Yt<hs){let rs=ss.bias;if(rs!=0){let Et=is(Ht,Le.scale),jt=Ie>=0?1:-1,Jt=Et>=0?1:-1;Jt==jt&&(Jt==1?rs==1?Ie>=Et:Ie<=Et:rs==1?Ie<=Et:Ie>=Et)&&(hs=Yt,ks=z)}else hs=Yt,ks=z}}if(qt||fn){let Ht,Yt;A.ori==0?(Ht=Tt,Yt=gt):(Ht=gt,Yt=Tt);let rs,Et,jt,Jt,as,vt,At=!0,Fs=pt.bbox;if(Fs!=null){At=!1;let bt=Fs(s,z);jt=bt.left,Jt=bt.top,rs=bt.width,Et=bt.height}else jt=Ht,Jt=Yt,rs=Et=pt.size(s,z);if(vt=pt.fill(s,z),as=pt.stroke(s,z),fn)z==ks&&hs<=ss.prox&&(R=jt,L=Jt,K=rs,ye=Et,ve=At,de=vt,B=as);else{let bt=zt[z];bt!=null&&(mn[z]=jt,gn[z]=Jt,Po(bt,rs,Et,At),Eo(bt,vt,as),ds(bt,Wt(jt),Wt(Jt),se,D))}}}}if(fn){let z=ss.prox,Le=Vs==null?hs<=z:hs>z||ks!=Vs;if(qt||Le){let Ve=zt[0];Ve!=null&&(mn[0]=R,gn[0]=L,Po(Ve,K,ye,ve),Eo(Ve,de,B),ds(Ve,Wt(R),Wt(L),se,D))}}}if(De.show&&ws)if(a!=null){let[x,k]=Ue.scales,[M,R]=Ue.match,[L,K]=a.cursor.sync.scales,ye=a.cursor.drag;if(nt=ye._x,it=ye._y,nt||it){let{left:ve,top:de,width:B,height:z}=a.select,Le=a.scales[L].ori,Ve=a.posToVal,at,Te,Ie,Tt,gt,Ht=x!=null&&M(x,L),Yt=k!=null&&R(k,K);Ht&&nt?(Le==0?(at=ve,Te=B):(at=de,Te=z),Ie=E[x],Tt=O(Ve(at,L),Ie,b,0),gt=O(Ve(at+Te,L),Ie,b,0),Jn(Xt(Tt,gt),et(gt-Tt))):Jn(0,b),Yt&&it?(Le==1?(at=ve,Te=B):(at=de,Te=z),Ie=E[k],Tt=J(Ve(at,K),Ie,w,0),gt=J(Ve(at+Te,K),Ie,w,0),Kn(Xt(Tt,gt),et(gt-Tt))):Kn(0,w)}else Fr()}else{let x=et(pl-cl),k=et(ul-dl);if(A.ori==1){let K=x;x=k,k=K}nt=ot.x&&x>=ot.dist,it=ot.y&&k>=ot.dist;let M=ot.uni;M!=null?nt&&it&&(nt=x>=M,it=k>=M,!nt&&!it&&(k>x?it=!0:nt=!0)):ot.x&&ot.y&&(nt||it)&&(nt=it=!0);let R,L;nt&&(A.ori==0?(R=xn,L=Re):(R=kn,L=ze),Jn(Xt(R,L),et(L-R)),it||Kn(0,w)),it&&(A.ori==1?(R=xn,L=Re):(R=kn,L=ze),Kn(Xt(R,L),et(L-R)),nt||Jn(0,b)),!nt&&!it&&(Jn(0,0),Kn(0,0))}if(ot._x=nt,ot._y=it,a==null){if(p){if(_l!=null){let[x,k]=Ue.scales;Ue.values[0]=x!=null?is(A.ori==0?Re:ze,x):null,Ue.values[1]=k!=null?is(A.ori==1?Re:ze,k):null}Zn(ga,s,Re,ze,se,D,h)}if(hn){let x=p&&Ue.setSeries,k=ss.prox;Vs==null?hs<=k&&ns(ks,_n,!0,x):hs>k?ns(null,_n,!0,x):ks!=Vs&&ns(ks,_n,!0,x)}}qt&&(ce.idx=h,jr()),o!==!1&&rt("setCursor")}let Ss=null;Object.defineProperty(s,"rect",{get(){return Ss==null&&Qn(!1),Ss}});function Qn(a=!1){a?Ss=null:(Ss=C.getBoundingClientRect(),rt("syncRect",Ss))}function ml(a,o,p,h,m,b,w){q._lock||ws&&a!=null&&a.movementX==0&&a.movementY==0||(Vr(a,o,p,h,m,b,w,!1,a!=null),a!=null?Is(null,!0,!0):Is(o,!0,!1))}function Vr(a,o,p,h,m,b,w,x,k){if(Ss==null&&Qn(!1),Hs(a),a!=null)p=a.clientX-Ss.left,h=a.clientY-Ss.top;else{if(p<0||h<0){Re=-10,ze=-10;return}let[M,R]=Ue.scales,L=o.cursor.sync,[K,ye]=L.values,[ve,de]=L.scales,[B,z]=Ue.match,Le=o.axes[0].side%2==1,Ve=A.ori==0?se:D,at=A.ori==1?se:D,Te=Le?b:m,Ie=Le?m:b,Tt=Le?h:p,gt=Le?p:h;if(ve!=null?p=B(M,ve)?d(K,E[M],Ve,0):-10:p=Ve*(Tt/Te),de!=null?h=z(R,de)?d(ye,E[R],at,0):-10:h=at*(gt/Ie),A.ori==1){let Ht=p;p=h,h=Ht}}k&&(o==null||o.cursor.event.type==ga)&&((p<=1||p>=se-1)&&(p=Zs(p,se)),(h<=1||h>=D-1)&&(h=Zs(h,D))),x?(cl=p,dl=h,[xn,kn]=q.move(s,p,h)):(Re=p,ze=h)}let Ir={width:0,height:0,left:0,top:0};function Fr(){Hi(Ir,!1)}let gl,vl,bl,$l;function yl(a,o,p,h,m,b,w){ws=!0,nt=it=ot._x=ot._y=!1,Vr(a,o,p,h,m,b,w,!0,!1),a!=null&&(mt(va,xa,wl,!1),Zn(yo,s,xn,kn,se,D,null));let{left:x,top:k,width:M,height:R}=De;gl=x,vl=k,bl=M,$l=R}function wl(a,o,p,h,m,b,w){ws=ot._x=ot._y=!1,Vr(a,o,p,h,m,b,w,!1,!0);let{left:x,top:k,width:M,height:R}=De,L=M>0||R>0,K=gl!=x||vl!=k||bl!=M||$l!=R;if(L&&K&&Hi(De),ot.setScale&&L&&K){let ye=x,ve=M,de=k,B=R;if(A.ori==1&&(ye=k,ve=R,de=x,B=M),nt&&xs(N,is(ye,N),is(ye+ve,N)),it)for(let z in E){let Le=E[z];z!=N&&Le.from==null&&Le.min!=Pe&&xs(z,is(de+B,z),is(de,z))}Fr()}else q.lock&&(q._lock=!q._lock,Is(o,!0,a!=null));a!=null&&(dn(va,xa),Zn(va,s,Re,ze,se,D,null))}function Cd(a,o,p,h,m,b,w){if(q._lock)return;Hs(a);let x=ws;if(ws){let k=!0,M=!0,R=10,L,K;A.ori==0?(L=nt,K=it):(L=it,K=nt),L&&K&&(k=Re<=R||Re>=se-R,M=ze<=R||ze>=D-R),L&&k&&(Re=Re<xn?0:se),K&&M&&(ze=ze<kn?0:D),Is(null,!0,!0),ws=!1}Re=-10,ze=-10,_e.fill(null),Is(null,!0,!0),x&&(ws=x)}function xl(a,o,p,h,m,b,w){q._lock||(Hs(a),_r(),Fr(),a!=null&&Zn(ko,s,Re,ze,se,D,null))}function kl(){F.forEach(rh),Sr(s.width,s.height,!0)}tn(lr,Ln,kl);let Tn={};Tn.mousedown=yl,Tn.mousemove=ml,Tn.mouseup=wl,Tn.dblclick=xl,Tn.setSeries=(a,o,p,h)=>{let m=Ue.match[2];p=m(s,o,p),p!=-1&&ns(p,h,!0,!1)},ft&&(mt(yo,C,yl),mt(ga,C,ml),mt(wo,C,a=>{Hs(a),Qn(!1)}),mt(xo,C,Cd),mt(ko,C,xl),Ma.add(s),s.syncRect=Qn);let ji=s.hooks=t.hooks||{};function rt(a,o,p){Or?Yn.push([a,o,p]):a in ji&&ji[a].forEach(h=>{h.call(null,s,o,p)})}(t.plugins||[]).forEach(a=>{for(let o in a.hooks)ji[o]=(ji[o]||[]).concat(a.hooks[o])});let Sl=(a,o,p)=>p,Ue=Ye({key:null,setSeries:!1,filters:{pub:Lo,sub:Lo},scales:[N,S[1]?S[1].scale:null],match:[No,No,Sl],values:[null,null]},q.sync);Ue.match.length==2&&Ue.match.push(Sl),q.sync=Ue;let _l=Ue.key,Wr=Cc(_l);function Zn(a,o,p,h,m,b,w){Ue.filters.pub(a,o,p,h,m,b,w)&&Wr.pub(a,o,p,h,m,b,w)}Wr.sub(s);function Rd(a,o,p,h,m,b,w){Ue.filters.sub(a,o,p,h,m,b,w)&&Tn[a](null,o,p,h,m,b,w)}s.pub=Rd;function Dd(){Wr.unsub(s),Ma.delete(s),Ls.clear(),_a(lr,Ln,kl),f.remove(),xe?.remove(),rt("destroy")}s.destroy=Dd;function Ur(){rt("init",t,n),tl(n||t.data,!1),V[N]?qr(N,V[N]):_r(),Di=De.show&&(De.width>0||De.height>0),zs=qt=!0,Sr(t.width,t.height)}return S.forEach(Xa),F.forEach(pd),e?e instanceof HTMLElement?(e.appendChild(f),Ur()):e(s,Ur):Ur(),s}dt.assign=Ye;dt.fmtNum=qa;dt.rangeNum=or;dt.rangeLog=pr;dt.rangeAsinh=Na;dt.orient=nn;dt.pxRatio=we;dt.join=Kp;dt.fmtDate=Ha,dt.tzDate=lu;dt.sync=Cc;{dt.addGap=Fu,dt.clipGaps=fr;let t=dt.paths={points:qc};t.linear=Hc,t.stepped=Bu,t.bars=Gu,t.spline=Ju}function Wc(t,n,e){let s=Math.max(...t.map(d=>d??0),1e-9),i=t.length>1?n/(t.length-1):0,r=!1,l="";return t.forEach((d,u)=>{if(d===null){r=!1;return}let f=e-d/s*e;l+=`${r?"L":"M"}${Fc(u*i)} ${Fc(f)}`,r=!0}),l}function Uc(t,n){let e=t.findIndex(s=>s!==null);return t.slice(Math.max(0,Math.min(e<0?t.length:e,t.length-n)))}function Bc(t,n){let e=[];for(let s=t.length;s>0;s-=n){let i=t.slice(Math.max(0,s-n),s).filter(r=>r!==null);e.unshift(i.length===0?null:i.reduce((r,l)=>r+l,0)/i.length)}return e}function Fc(t){return t.toFixed(1).replace(/\.0$/,"")}function $i(t,n){let e=t.slice(-n).filter(s=>s!==null);return e.length===0?void 0:e.reduce((s,i)=>s+i,0)/e.length}var Ms=class extends ne{constructor(){super();this.times=[];this.lines=[];this.label="";this.tall=220;this.drawn="";this.size=new ResizeObserver(()=>this.resize());new ls(this,Qs)}disconnectedCallback(){super.disconnectedCallback(),this.size.disconnect(),this.plot?.destroy(),this.plot=void 0,this.drawn=""}connectedCallback(){super.connectedCallback(),this.size.observe(this)}render(){return c`<figure class="chart" role="img" aria-label=${`${this.label}. ${this.inWords()}`}>
      <div class="plot"></div>
      <figcaption class="legend" aria-hidden="true">
        ${this.lines.map(e=>c`<span class="key"><svg class="swatch ${e.colour}" viewBox="0 0 16 4"><path d="M0 2h16" /></svg>${e.name}
            <b>${ms($i(e.values,1))}</b><span class="unit">/s</span></span>`)}
        <span class="cursor"></span>
      </figcaption>
    </figure>`}inWords(){return this.lines.map(s=>{let i=s.values.filter(r=>r!==null);return i.length===0?`${s.name}: nothing known yet`:`${s.name}: ${ms(i.at(-1))} per second now, at most ${ms(Math.max(...i))}`}).join("; ")}updated(e){let s=this.querySelector(".plot");if(!s||this.lines.length===0)return;let i=v=>getComputedStyle(this).getPropertyValue(v).trim(),r=v=>{s.style.color=`var(${v})`;let g=getComputedStyle(s).color;return s.style.color="",g},l=JSON.stringify([this.lines.map(v=>[v.name,v.colour]),r("--ink"),i("--line"),this.tall]),d=[this.times,...this.lines.map(v=>v.values)];if(this.plot&&this.drawn===l){this.plot.setData(d);return}this.plot?.destroy(),this.drawn=l;let u={stroke:r("--ink-2"),grid:{stroke:r("--line"),width:1},ticks:{show:!1},font:"11px system-ui, sans-serif"},f=this.tall;this.plot=new dt({width:Math.max(200,s.clientWidth),height:f,padding:[8,18,0,0],legend:{show:!1},cursor:{y:!1,points:{size:6}},scales:{x:{time:!0},y:{range:(v,g,y)=>[0,Math.max(y*1.1,.1)]}},axes:[{...u,size:26,space:70,values:(v,g)=>g.map(y=>Gc(y,(g[1]??60)-(g[0]??0)<60))},{...u,size:44,space:36,values:(v,g)=>g.map(y=>ms(y))}],series:[{},...this.lines.map(v=>({label:v.name,stroke:r(`--${v.colour}`),width:1.6,...v.fill?{fill:r(`--${v.colour}-fill`)}:{},...v.dashed?{dash:[4,3]}:{},points:{show:!1},spanGaps:!1}))],hooks:{setCursor:[v=>this.tell(v)]}},d,s)}tell(e){let s=this.querySelector(".cursor");if(!s)return;let i=e.cursor.idx;s.textContent=i==null?"":`${Gc(this.times[i]??0,!0)}  ${this.lines.map(r=>`${r.name} ${ms(r.values[i])}`).join(" · ")}`}resize(){let e=this.querySelector(".plot");this.plot&&e&&e.clientWidth>0&&e.clientWidth!==this.plot.width&&this.plot.setSize({width:e.clientWidth,height:this.tall})}};T([me({attribute:!1})],Ms.prototype,"times",2),T([me({attribute:!1})],Ms.prototype,"lines",2),T([me()],Ms.prototype,"label",2),T([me({type:Number})],Ms.prototype,"tall",2),Ms=T([le("ff-chart")],Ms);function Gc(t,n=!1){let e=new Date(t*1e3),s=i=>i.toString().padStart(2,"0");return`${s(e.getHours())}:${s(e.getMinutes())}${n?`:${s(e.getSeconds())}`:""}`}function br(t,n){let e=t.accepted.length,s=Date.parse(t.until)/1e3,i=Date.parse(t.until)>Date.now()?e-1:e,r=t.accepted.findIndex(u=>u!==null),l=Math.max(0,Math.min(r<0?i:r,i-18));return{times:Array.from({length:i-l},(u,f)=>s-(e-1-l-f)*t.step_seconds),lines:n.map(u=>({...u,values:u.values.slice(l,i)}))}}var yi=class extends ne{constructor(){super(...arguments);this.channel="";this.shown=new Z(this,e=>pe(`/v1/channels/${Fe(this.channel)}`,{},e),3e3);this.series=new Z(this,e=>pe("/v1/series",{window:"hour"},e),1e4)}willUpdate(e){e.has("channel")&&e.get("channel")&&this.shown.restart()}render(){let e=this.shown.value;if(!e)return c`<h1>Channel</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}<p><a href="#/channels">All channels</a></p>`:Ae()}`;let s=()=>{this.shown.load()},i=["paused","suspended"].includes(e.state);return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/channels">Channels</a></p>
          <h1>${_(e.name,120)}</h1>
        </div>
        <div class="control">
          ${Qe(e.state)}
          ${e.plugin===null||e.plugin===void 0?ke("Forget","trash","admin",()=>fo(e.name,s),{channel:e.name,danger:!0}):c`${i?ke("Resume","play","operate",()=>tr(e,s),{channel:e.name}):ke("Pause","pause","operate",()=>er(e,s),{channel:e.name})}
              ${ke("Test","test","operate",()=>sr(e.name),{channel:e.name,off:e.digest?void 0:"There is no plugin to call."})}`}
        </div>
      </div>
      ${te(this.shown.problem)} ${this.why(e)}
      <section class="tiles" aria-label="Numbers">
        ${wi("Pending",Q(e.pending),e.pending>0?c`oldest ${We(e.oldest_pending_at)}`:"nothing waits")}
        ${wi("In flight",Q(e.in_flight),`of ${e.policy?.concurrency??"–"} at once`)}
        ${wi("Success rate",Ks(e.success_rate),c`${Q(e.delivered)} delivered`)}
        ${wi("Dead letters",Q(e.dead_letters),e.dead_letters>0?c`<a href=${W(["dead-letters"],{channel:e.name})}>look at them</a>`:c`${Q(e.dead)} given up in all`)}
        ${wi("Attempts take",$t(e.latency?.p50_ms),c`p90 ${$t(e.latency?.p90_ms)}, p99 ${$t(e.latency?.p99_ms)}`)}
      </section>
      ${this.chart()}
      <div class="columns">
        <div>${this.policy(e)}</div>
        <div>${this.plugin(e)} ${this.grants(e)} ${this.error(e)}</div>
      </div>`}why(e){let s=Object.entries(e.deferred??{}),{hold:i,gathered:r}=e;return c`${i?c`<div class="alarm ${i.kind==="paused"?"wait":"warn"}">
          ${Qe(i.kind)}
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
          ${e.waiting>0?c`${Q(e.waiting)} of those pending wait${s.length>0?c`, among them ${s.map(([l,d])=>c`<span class="pair">${l} <b>${Q(d)}</b></span> `)}`:" for their next attempt"}.`:$}
          ${r?c`${Q(r.deliveries)} wait in ${Q(r.batches)} open batches; the first closes ${We(r.until)}.`:$}
        </span></div>`:$}`}chart(){let e=this.series.value,s=e?.channels[this.channel];if(!e||!s)return $;let{times:i,lines:r}=br(e,[{name:"Delivered",colour:"ok",values:s.delivered,fill:!0},{name:"Failed",colour:"warn",values:s.failed},{name:"Dead",colour:"bad",values:s.dead}]);return c`<section class="panel" aria-labelledby="rates">
      <div class="panel-head"><h2 id="rates">Last hour</h2></div>
      <ff-chart .times=${i} .lines=${r} tall="160" label="Rates per second over the last hour"></ff-chart>
    </section>`}policy(e){let{policy:s}=e;return s?c`<section class="panel" aria-labelledby="policy">
      <div class="panel-head"><h2 id="policy">Policy</h2></div>
      ${Ba(s,e.policy_from)}
    </section>`:$}plugin(e){return c`<section class="panel" aria-labelledby="plugin">
      <div class="panel-head"><h2 id="plugin">Plugin</h2><a href="#/plugins">All plugins</a></div>
      <dl class="facts">
        <div><dt>name</dt><dd>${Y(e.plugin??"none")}</dd></div>
        <div><dt>kind</dt><dd>${e.kind??"–"}</dd></div>
        <div><dt>digest</dt><dd>${Y(e.digest,80)}</dd></div>
        <div><dt>settings</dt><dd>${In(e.settings)}</dd></div>
        <div><dt>secrets</dt><dd>${In(e.secrets)}</dd></div>
        <div><dt>signed</dt><dd>${e.signed?"yes":"no"}</dd></div>
        <div><dt>imports</dt><dd>${In(e.imports)}</dd></div>
      </dl>
    </section>`}grants(e){let{grants:s}=e;if(!s)return $;let i=s.http.length+s.tcp.length+s.files.length+s.emit.length===0&&!s.private_network;return c`<section class="panel" aria-labelledby="grants">
      <div class="panel-head"><h2 id="grants">Grants</h2></div>
      ${i?c`<p class="faint">None: it reaches nothing outside.</p>`:c`<dl class="facts">
            ${s.http.length?c`<div><dt>http</dt><dd>${In(s.http)}</dd></div>`:$}
            ${s.tcp.length?c`<div><dt>tcp</dt><dd>${In(s.tcp)}</dd></div>`:$}
            ${s.files.map(r=>c`<div><dt>files</dt><dd>${Y(r.host)} as ${Y(r.guest)}, ${r.write?"to write":"to read"}</dd></div>`)}
            ${s.emit.length?c`<div><dt>emit</dt><dd>${In(s.emit)}</dd></div>`:$}
            ${s.private_network?c`<div><dt>private network</dt><dd>yes</dd></div>`:$}
          </dl>`}
    </section>`}error(e){let s=e.last_error;return c`<section class="panel" aria-labelledby="last-error">
      <div class="panel-head"><h2 id="last-error">Last error</h2>
        ${e.dead_letters>0?ke("Redrive dead letters","again","operate",()=>cs("replay",{channel:e.name},()=>{this.shown.load()}),{channel:e.name}):$}</div>
      ${s?c`<p>${Ze(s.class,s.code)} ${je(s.at)}</p><p>${_(s.error,1e3)}</p>`:c`<p class="faint">No attempt of this run has failed.</p>`}
    </section>`}};T([me()],yi.prototype,"channel",2),yi=T([le("ff-channel")],yi);function wi(t,n,e){return c`<div class="tile"><h2>${t}</h2><div class="number">${n}</div><div class="faint">${e}</div></div>`}function In(t){return t.length===0?c`<span class="faint">none</span>`:t.map(n=>c`<span class="pair">${Y(n,100)}</span> `)}function Ba(t,n){let e=[["timeout",aa(t.timeout)],["retries",String(t.retries)],["backoff",t.waits.length>0?`${t.waits.map(aa).join(", ")}${t.retries>t.waits.length?", …":""}`:void 0],["fuel",oi(t.fuel)],["memory",Es(t.memory)],["concurrency",String(t.concurrency)],["reuse",t.reuse===0?"a fresh instance each":`${t.reuse} attempts`],["expires",t.expires??void 0],["order",t.order==="none"?void 0:t.order],["filter",t.filter?xi(t.filter):void 0],["breaker",t.breaker?xi(t.breaker):void 0],["rate",t.rate?xi(t.rate):void 0],["priority",`${t.priority}${t.first?`, first: ${t.first}`:""}`],["lagging_after",t.lagging_after==="none"?void 0:t.lagging_after],["batch",t.batch?xi(t.batch):void 0],["delay",t.delay??void 0],["quiet",t.quiet?.length?t.quiet.map(i=>`${i.from}–${i.to} ${i.zone}`).join("; "):void 0],["once",t.once?xi(t.once):void 0],["fallback",t.fallback?.length?t.fallback.join(", "):void 0],["fallback_after",t.fallback_after??void 0]],s={defaults:"[defaults]",sidecar:"sidecar",channel:"channel"};return c`<table class="policy">
    <thead>
      <tr><th scope="col">Key</th><th scope="col">Value</th><th scope="col">From</th></tr>
    </thead>
    <tbody>
      ${e.map(([i,r])=>{let l=n[i];return c`<tr class=${l?"set":""}>
          <th scope="row"><code>${i}</code></th>
          <td>${r===void 0?c`<span class="faint">none</span>`:typeof r=="string"?_(r,300):r}</td>
          <td>${l?c`<span class="origin ${l}">${s[l]??l}</span>`:c`<span class="faint">built in</span>`}</td>
        </tr>`})}
    </tbody>
  </table>`}function xi(t){return Object.entries(t).filter(([,e])=>e!=null&&e!==!1).map(([e,s])=>`${e} = ${typeof s=="object"?JSON.stringify(s):String(s)}`).join(", ")}var $r=class extends ne{constructor(){super(...arguments);this.list=new Z(this,e=>pe("/v1/channels",{},e),4e3);this.stages=new Z(this,e=>pe("/v1/stages",{},e),1e4)}render(){let e=this.list.value?.channels;return c`<div class="head"><h1>Channels</h1></div>
      ${te(this.list.problem)}
      ${e?e.length===0?Ge("There are no channels yet.",c`Add one to <code>config.toml</code>, such as <code>[channels.log]</code> with
              <code>plugin = "builtin:log"</code>. It takes effect while the daemon runs.`):this.table(e):this.list.problem?$:Ae()}
      ${this.stagesPanel()}`}table(e){let s=()=>{this.list.load()};return c`<div class="scroll" role="region" aria-label="Channels" tabindex="0"><table class="cards">
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
              ${Qe(i.state)}
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
            <td data-label="Success" class="number">${Ks(i.success_rate)}
              ${i.dead_letters>0?c`<div><a class="bad-text" href=${W(["dead-letters"],{channel:i.name})}>${Q(i.dead_letters)} dead</a></div>`:$}</td>
            <td data-label="p99" class="number">${$t(i.latency?.p99_ms)}</td>
            <td data-label="Last error" class="text">
              ${i.last_error?c`${Ze(i.last_error.class,i.last_error.code)}
                    <div class="faint">${We(i.last_error.at)}</div>`:c`<span class="faint">none</span>`}
            </td>
            <td class="actions">
              ${r?ke("Resume","play","operate",()=>tr(i,s),{channel:i.name,label:`Resume ${i.name}`}):ke("Pause","pause","operate",()=>er(i,s),{channel:i.name,label:`Pause ${i.name}`,off:i.state==="unconfigured"?"It is not configured yet.":void 0})}
              ${ke("Test","test","operate",()=>sr(i.name),{channel:i.name,label:`Test ${i.name}`,off:i.digest?void 0:"There is no plugin to call."})}
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
          ${e.map(s=>c`<tr>
              <th scope="row">${_(s.name,60)}</th>
              <td data-label="State" class="text">${Qe(s.state)}${s.error?c`<div class="bad-text">${_(s.error,120)}</div>`:$}</td>
              <td data-label="Plugin" class="plugin">${Y(s.plugin,40)} <div class="faint">${Y(ci(s.digest))}</div></td>
              <td data-label="Events">${Object.entries(s.runs).filter(([,i])=>i>0).map(([i,r])=>c`<span class="pair">${i} <b>${Q(r)}</b></span> `)}</td>
              <td data-label="Where it fails">${s.on_error==="pass"?"the event goes on":"the event is rejected"}</td>
              <td data-label="p99" class="number">${$t(s.latency?.p99_ms)}</td>
              <td data-label="Last error" class="text">${s.last_error?c`${Ze(s.last_error.class,s.last_error.code)} <div class="faint">${We(s.last_error.at)}</div>`:c`<span class="faint">none</span>`}</td>
            </tr>`)}
        </tbody>
      </table></div>
    </section>`}};$r=T([le("ff-channels")],$r);var yr=class extends ne{constructor(){super(...arguments);this.shown=new Z(this,e=>pe("/v1/config",{},e),5e3)}render(){let e=this.shown.value;if(!e)return c`<h1>Config</h1>
        ${this.shown.problem?te(this.shown.problem):Ae()}`;let s=e.last_reload,i=[...new Set(e.keys.map(({key:r})=>r.split(".")[0]??""))];return c`<div class="head">
        <div><h1>Config</h1><p class="faint">${Y(e.file,300)}</p></div>
        ${s?c`<div class="control">${Qe(s.outcome)} <span class="faint">read ${je(s.at)}</span></div>`:$}
      </div>
      ${te(this.shown.problem)}
      ${s?.outcome==="rejected"?c`<section class="panel" aria-labelledby="errors">
            <div class="panel-head"><h2 id="errors">What is wrong</h2><span class="faint">What ran before runs on.</span></div>
            <ul class="lines">
              ${s.errors.map(r=>c`<li><span class="what bad-text">${ah(r)}</span></li>`)}
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
      </div>`}table(e,s){let i=s.keys.filter(({key:r})=>r.startsWith(`${e}.`));return c`<section class="panel" aria-labelledby="table-${e}">
      <div class="panel-head"><h2 id="table-${e}"><code>[${e}]</code></h2></div>
      <table class="policy">
        <thead>
          <tr><th scope="col">Key</th><th scope="col">Value</th><th scope="col">From</th></tr>
        </thead>
        <tbody>
          ${i.map(({key:r,value:l,line:d,at_restart:u})=>c`<tr class=${d?"set":""}>
              <th scope="row"><code>${r.slice(e.length+1)}</code></th>
              <td>${_(l,300)}${u?c`<div class="warn-text">at the next start: ${_(u,300)}</div>`:$}</td>
              <td>${d?c`<span class="origin">line ${d}</span>`:c`<span class="faint">built in</span>`}</td>
            </tr>`)}
        </tbody>
      </table>
    </section>`}};yr=T([le("ff-config")],yr);function ah(t){let[,n,e]=/^(?:channel \S+: )?(.*?:\d+:\d+:)(.*)$/s.exec(t)??[];return n?c`${Y(n,300)} ${_(e,1e3)}`:_(t,1e3)}function Yc(t){let n=["first","cause","this","effect"],e=f=>f.role==="more"?"effect":f.role,s=n.map(f=>t.filter(v=>e(v)===f)).filter(f=>f.length>0),i=Math.max(1,...s.map(f=>f.length)),r=i*46+(i-1)*12,l=s.map((f,v)=>{let g=f.length*46+(f.length-1)*12,y=(r-g)/2;return f.map((P,C)=>({...P,x:v*292,y:y+C*58,width:208,height:46}))}),d=[];for(let f=1;f<l.length;f+=1)for(let v of l[f-1]??[])for(let g of l[f]??[])d.push({from:{x:v.x+v.width,y:v.y+v.height/2},to:{x:g.x,y:g.y+g.height/2},label:g.by,indirect:v.role==="first"});let u=l.length*208+Math.max(0,l.length-1)*84;return{nodes:l.flat(),edges:d,width:u,height:r}}function Jc({from:t,to:n}){let e=(t.x+n.x)/2;return`M${t.x} ${t.y}C${e} ${t.y} ${e} ${n.y} ${n.x} ${n.y}`}function*Kc(t){let n=/("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|([{}[\],:])|(\s+)|([^\s{}[\],:"]+|")/gs;for(let e of t.matchAll(n)){let[s,i,r,l,d]=e;i!==void 0?yield{kind:"string",text:s}:r!==void 0?yield{kind:"number",text:s}:l!==void 0?yield{kind:"mark",text:s}:d!==void 0?yield{kind:"space",text:s}:yield{kind:"word",text:s}}}function Qc(t){let n=[...Kc(t)].filter(r=>r.kind!=="space"),e=[],s=0,i=()=>e.push({kind:"space",text:`
${"  ".repeat(s)}`});return n.forEach((r,l)=>{let d=n[l+1];switch(r.text){case"{":case"[":{e.push({kind:"mark",text:r.text});let u=r.text==="{"?"}":"]";d?.text!==u&&(s+=1,i());break}case"}":case"]":{n[l-1]?.text!==(r.text==="}"?"{":"[")&&(s=Math.max(0,s-1),i()),e.push(r);break}case",":e.push(r),i();break;case":":e.push(r,{kind:"space",text:" "});break;default:e.push(r.kind==="string"&&d?.text===":"?{kind:"name",text:r.text}:r)}}),e}function Cs(t,n){let e=0,s=0,i=!1,r,l;for(let d of Kc(t)){let{kind:u}=d,f=s+d.text.length;if(u==="mark"&&(d.text==="}"||d.text==="]")&&(e-=1),r!==void 0&&(e===1&&d.text===","&&u==="mark"||e===0))return t.slice(r,s).trim();if(e===1&&u==="string"&&r===void 0&&(l=d.text),e===1&&u==="mark"&&d.text===":"&&l!==void 0&&r===void 0){try{i=JSON.parse(l)===n}catch{i=!1}i&&(r=f),l=void 0}u==="mark"&&(d.text==="{"||d.text==="[")&&(e+=1),s=f}}var rn=class extends ne{constructor(){super(...arguments);this.given=[];this.chosen="";this.label="Channel";this.all=new Z(this,e=>pe("/v1/channels",{},e));this.choose=e=>{let{value:s}=e.target;this.dispatchEvent(new CustomEvent("choose",{detail:s}))}}render(){let e=(this.all.value?.channels??[]).filter(i=>i.state!=="unconfigured").map(i=>i.name),s=[...new Set([...this.given,...e])];return c`<select aria-label=${this.label} @change=${this.choose}>
      ${s.map(i=>c`<option value=${i} ?selected=${i===this.chosen}>${be(i,60)}</option>`)}
    </select>`}};T([me({attribute:!1})],rn.prototype,"given",2),T([me()],rn.prototype,"chosen",2),T([me()],rn.prototype,"label",2),rn=T([le("ff-channel-select")],rn);var Zc=2e4,Rs=class extends ne{constructor(){super(...arguments);this.text="";this.label="Data";this.whole=!1;this.copied=!1}render(){let e=this.text.length>Zc,s=e&&!this.whole?this.text.slice(0,Zc):this.text;return c`<div class="payload">
      <button class="quiet copy" @click=${this.copy} aria-label=${`Copy: ${this.label}`}>
        ${j(this.copied?"success":"copy")}<span aria-live="polite">${this.copied?"Copied":"Copy"}</span>
      </button>
      <pre tabindex="0" role="region" aria-label=${`${this.label} as JSON`} dir="ltr"><code>${Qc(s).map(lh)}</code></pre>
      ${e&&!this.whole?c`<button class="quiet" @click=${()=>this.whole=!0}>Show all ${Es(this.text.length)}</button>`:$}
    </div>`}async copy(){try{await navigator.clipboard.writeText(this.text),this.copied=!0,setTimeout(()=>this.copied=!1,1500)}catch{}}};T([me()],Rs.prototype,"text",2),T([me()],Rs.prototype,"label",2),T([Ee()],Rs.prototype,"whole",2),T([Ee()],Rs.prototype,"copied",2),Rs=T([le("ff-payload")],Rs);function lh({kind:t,text:n}){let e=Mt(n,Number.POSITIVE_INFINITY);return t==="space"||t==="mark"?e:c`<span class="json-${t}">${e}</span>`}var oh=new Set(["specversion","data","data_base64"]),Ga=8,an=class extends ne{constructor(){super(...arguments);this.event="";this.source="";this.channel="";this.shown=new Z(this,e=>this.load(e));this.chain=new Z(this,e=>this.related(e));this.again=()=>{this.shown.load(),this.chain.load()}}load(e){return this.loaded=this.ask(e),this.loaded}async ask(e){let s=`/v1/events/${Fe(this.event)}${ai({source:this.source})}`,{value:i,text:r}=await ct("GET",s,void 0,e),l=Cs(r,"event")??"{}";return this.data=Cs(l,"data")??Cs(l,"data_base64"),i}async related(e){let s=await this.loaded;if(!s)return[];let i=s.event,r=i.correlationid,l=i.causationid,d=[];r&&r!==i.id&&r!==l&&d.push({id:r,type:"first of the chain",role:"first"}),l&&d.push({id:l,type:"cause",role:"cause"}),d.push({id:i.id,source:i.source,type:i.type,role:"this",by:Xc(i.source)});let f=(await Promise.all(Object.entries(s.result.channels).filter(([,v])=>v.attempts>0).slice(0,12).map(([v])=>pe("/v1/events",{source:`/channels/${v}`,after:s.offset,limit:100},e)))).flatMap(v=>v.events.map(({event:g})=>g)).filter(v=>v.causationid===i.id);for(let v of f.slice(0,Ga))d.push({id:v.id,source:v.source,type:v.type,role:"effect",by:Xc(v.source)});return f.length>Ga&&d.push({id:"",type:`${f.length-Ga} more`,role:"more"}),d}connectedCallback(){super.connectedCallback(),this.unfollow=Mn((e,s)=>{e==="settled"&&JSON.parse(s).offset===this.shown.value?.offset&&this.again()})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.()}willUpdate(e){(e.has("event")&&e.get("event")||e.get("source")!==void 0)&&(this.channel="",this.shown.restart(),this.chain.restart())}render(){let e=this.shown.value;if(!e)return c`<h1>Event</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}<p><a href="#/events">All events</a></p>`:Ae()}`;let s=e.event;return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/events">Events</a> / ${Y(s.id,60)}</p>
          <h1>${_(s.type,120)}</h1>
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
            ${po(e)}
          </section>
        </div>
        <div>
          <section class="panel" aria-labelledby="data">
            <div class="panel-head"><h2 id="data">Data</h2></div>
            ${this.data===void 0?c`<p class="faint">The event has no data.</p>`:c`<ff-payload .text=${this.data} label="Data"></ff-payload>`}
          </section>
          ${this.facts(e,s)}
        </div>
      </div>`}channels(e){let s=Object.entries(e.result.channels);return c`<section class="panel" aria-labelledby="deliveries">
      <div class="panel-head">
        <h2 id="deliveries">Deliveries</h2>
        ${this.replayer(e)}
      </div>
      ${s.length===0?c`<p class="faint">No channel takes this event. <code>fanfare explain</code> and the filters of the channels say why.</p>`:c`<div class="scroll" role="region" aria-label="Table of deliveries" tabindex="0"><table class="cards">
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
              ${s.map(([i,r])=>c`<tr>
                  <th scope="row"><a href=${W(["channels",i])}>${_(i,60)}</a>
                    ${r.fallback_for?c`<div class="faint">fallback for ${_(r.fallback_for,40)}</div>`:$}</th>
                  <td data-label="Status">${pi(r.status)}</td>
                  <td data-label="Attempts" class="number">${r.attempts}</td>
                  <td data-label="Result">
                    ${r.class?c`<div>${Ze(r.class,r.code??"")} ${_(r.error,200)}</div>`:$}
                    ${r.status==="pending"?c`<div class="faint">${pa(r)}</div>`:$}
                    ${r.reason?c`<div>${Y(r.reason)} ${_(r.detail,200)}</div>`:$}
                    ${r.receipt?c`<div class="receipt">${Y(JSON.stringify(r.receipt),200)}</div>`:$}
                    ${r.status==="failed"?c`<a href=${W(["dead-letters",r.delivery_id])}>dead letter</a>`:$}
                  </td>
                  <td class="actions">
                    ${r.status==="pending"?ke("Drop","trash","operate",()=>go(r.delivery_id,i,this.again),{channel:i,danger:!0,label:`Drop the delivery to ${i}`}):$}
                  </td>
                </tr>`)}
            </tbody>
          </table></div>`}
    </section>`}replayer(e){let s=Object.keys(e.result.channels);return c`<div class="control">
      <ff-channel-select .given=${s} .chosen=${this.channel||s[0]||""} label="Channel to send it to" @choose=${i=>this.channel=i.detail}></ff-channel-select>
      ${ke("Replay","again","operate",()=>mo(e,this.channel||s[0]||"",this.again),{label:"Replay to this channel"})}
    </div>`}graph(){let e=this.chain.value;if(!e||e.length<2)return $;let{nodes:s,edges:i,width:r,height:l}=Yc(e),d=e.map(u=>`${u.role==="this"?"this event":u.role}: ${u.type}`).join(", ");return c`<section class="panel" aria-labelledby="chain">
      <div class="panel-head"><h2 id="chain">Cause and effect</h2></div>
      <div class="graph" tabindex="0" role="region" aria-label="Cause and effect: ${be(d,300)}">
        <svg width=${r+4} height=${l+4} viewBox="-2 -2 ${r+4} ${l+4}">
          ${i.map(u=>ae`<path class="edge ${u.indirect?"indirect":""}" d=${Jc(u)} />
              ${u.label?ae`<text class="edge-label" x=${u.to.x-8} y=${u.to.y-6}>${be(u.label,14)}</text>`:$}`)}
          ${s.map(u=>{let f=ae`<rect class="node ${u.role}" x=${u.x} y=${u.y} width=${u.width} height=${u.height} rx="7" />
              <text x=${u.x+12} y=${u.y+19}>${be(u.type,27)}</text>
              <text class="faint" x=${u.x+12} y=${u.y+36}>${be(u.id,28)}</text>`;return u.role==="this"||u.role==="more"?ae`<g>${f}</g>`:ae`<a href=${W(["events",u.id],{source:u.source})} ><title>${`${u.role}: ${be(u.type,120)} ${be(u.id,120)}`}</title>${f}</a>`})}
        </svg>
      </div>
    </section>`}facts(e,s){let i=Object.keys(s).filter(r=>!oh.has(r));return c`<section class="panel" aria-labelledby="attributes">
      <div class="panel-head"><h2 id="attributes">Attributes</h2></div>
      <dl class="facts">
        <div><dt>offset</dt><dd>${e.offset}</dd></div>
        <div><dt>recorded</dt><dd>${je(e.result.broadcast_at)}</dd></div>
        ${i.map(r=>c`<div><dt>${_(r,64)}</dt><dd>${Y(String(s[r]),1e3)}</dd></div>`)}
      </dl>
    </section>`}};T([me()],an.prototype,"event",2),T([me()],an.prototype,"source",2),T([Ee()],an.prototype,"channel",2),an=T([le("ff-event")],an);function Xc(t){return/^\/channels\/(.+)$/.exec(t)?.[1]}function Ya(t,n,e=96,s=22){let i=Uc(t,18),r=Bc(i,Math.max(1,Math.floor(i.length/60)));return c`<svg class="spark ${n}" viewBox="0 -2 ${e} ${s+4}" preserveAspectRatio="none" aria-hidden="true">
    ${ae`<path d=${Wc(r,e,s)} />`}
  </svg>`}function ki(t,n){let e=Math.max(0,Math.min(1,t))*100;return c`<svg class="bar ${n}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    ${ae`<rect class="track" width="100" height="4" /><rect width=${e.toFixed(2)} height="4" />`}
  </svg>`}var Ja=5e3,ed=3,Si=class extends ne{constructor(){super(...arguments);this.window="hour";this.stats=new Z(this,e=>pe("/v1/stats",{},e),Ja);this.hour=new Z(this,e=>pe("/v1/series",{window:"hour"},e),Ja);this.day=new Z(this,e=>pe("/v1/series",{window:"day"},e),6e4);this.channels=new Z(this,e=>pe("/v1/channels",{},e),Ja);this.stages=new Z(this,e=>pe("/v1/stages",{},e),1e4);this.latest=new Z(this,e=>pe("/v1/events",{order:"newest",limit:8},e))}connectedCallback(){super.connectedCallback(),this.unfollow=Mn(()=>{this.timer??=setTimeout(()=>{this.timer=void 0,this.latest.load()},1e3)})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.(),clearTimeout(this.timer),this.timer=void 0}render(){let e=this.stats.value;return e?c`<div class="head">
        <h1>Overview</h1>
        <p class="faint">
          Version ${e.version}, up for ${Pn(e.uptime_seconds)}
        </p>
      </div>
      ${te(this.stats.problem)} ${this.alarms(e)} ${this.tiles(e)} ${this.chart()} ${this.byChannel()}
      <div class="columns">${this.failures(e)} ${this.newest()}</div>`:c`<h1>Overview</h1>
        ${this.stats.problem?te(this.stats.problem):Ae()}`}alarms(e){let{journal:s}=e,i=(this.channels.value?.channels??[]).filter(d=>!["active","unconfigured"].includes(d.state)),r=e.last_reload?.outcome==="rejected"?e.last_reload:void 0,l=(this.stages.value?.stages??[]).filter(d=>d.state!=="active");return s.status==="ok"&&l.length===0&&i.length===0&&!r&&e.removed.length===0?$:c`<section class="alarms" aria-label="What needs a look">
      ${s.status==="ok"?$:c`<div class="alarm bad">${j("warning")}<span><b>The journal is ${s.status}.</b> ${_(s.error)}</span></div>`}
      ${r?c`<div class="alarm bad">
            ${j("warning")}<span><b>The last reload was rejected.</b> ${_(r.errors[0],200)} <a href="#/config">Config</a></span>
          </div>`:$}
      ${l.map(d=>c`<div class="alarm bad">
          ${Qe(d.state)}
          <span>
            <a href="#/channels"><b>stage ${_(d.name,60)}</b></a> ${_(d.error,140)}
            <span class="faint">${d.on_error==="pass"?"events pass it by":"its events are rejected"}</span>
          </span>
        </div>`)}
      ${i.map(d=>{let u=d.hold?.reason||d.error||"";return c`<div class="alarm ${d.state==="paused"?"wait":"warn"}">
          ${Qe(d.state)}
          <span>
            <a href=${W(["channels",d.name])}><b>${_(d.name,60)}</b></a>
            ${_(u,140)}
            ${d.hold?.until?c`<span class="faint"> · tries again ${We(d.hold.until)}</span>`:$}
            ${d.pending>0?c`<span class="faint"> · ${Q(d.pending)} pending</span>`:$}
          </span>
        </div>`})}
      ${e.removed.map(d=>c`<div class="alarm warn">
          ${j("warning")}<span><a href=${W(["channels",d.channel])}><b>${_(d.channel,60)}</b></a> has left the
          configuration with ${Be(d.pending,"pending delivery","pending deliveries")}.</span>
        </div>`)}
    </section>`}tiles(e){let s=this.hour.value,i=this.channels.value?.channels??[],r=i.filter(v=>v.policy?.breaker),l=r.filter(v=>v.state==="open").length,d=i.map(v=>v.oldest_pending_at).filter(v=>v).sort()[0],u=(s?.failed??[]).reduce((v,g)=>v+(g??0),0)*(s?.step_seconds??0),f=[["Accepted","wait",s?.accepted,`${Q(e.totals.accepted)} in all`],["Delivered","ok",s?.delivered,`${Q(e.totals.delivered)} in all`],["Failed","warn",s?.failed,`${Q(u)} attempts, last hour`],["Dead","bad",s?.dead,`${Q(e.totals.dead)} in all`]];return c`<section class="tiles" aria-label="Rates and totals">
      ${f.map(([v,g,y,P])=>c`<div class="tile rate">
          <h2>${v}</h2>
          <div class="number">${ms(y?$i(y,ed):void 0)}<span class="unit">/s</span></div>
          ${y?Ya(y,g):$}
          <div class="faint">${P}</div>
        </div>`)}
      <div class="tile">
        <h2>Success rate</h2>
        <div class="number">${Ks(e.totals.success_rate)}</div>
        ${e.totals.success_rate===null||e.totals.success_rate===void 0?$:ki(e.totals.success_rate,"ok")}
        <div class="faint">${e.totals.mean_attempts?.toFixed(2)??"–"} attempts each</div>
      </div>
      <div class="tile">
        <h2>Pending</h2>
        <div class="number">${Q(e.totals.pending)}</div>
        <div class="faint">${d?c`oldest ${We(d)}`:"nothing waits"}</div>
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
    </section>`}chart(){let e=this.window==="hour"?this.hour:this.day,s=e.value&&br(e.value,ch(e.value)),i=(r,l)=>c`<button
      aria-pressed=${this.window===r}
      @click=${()=>this.window=r}
    >
      ${l}
    </button>`;return c`<section class="panel" aria-labelledby="throughput">
      <div class="panel-head">
        <h2 id="throughput">Throughput</h2>
        <div class="switch" role="group" aria-label="How far back">${i("hour","Hour")}${i("day","Day")}</div>
      </div>
      ${te(e.problem)}
      ${s?c`<ff-chart .times=${s.times} .lines=${s.lines} label="Rates per second over the last ${this.window}"></ff-chart>`:Ae()}
    </section>`}byChannel(){let e=this.channels.value?.channels,s=this.hour.value;return e?c`<section class="panel" aria-labelledby="by-channel">
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
              ${e.map(i=>{let r=s?.channels[i.name];return c`<tr>
                  <th scope="row"><a href=${W(["channels",i.name])}>${_(i.name,60)}</a></th>
                  <td data-label="State">${Qe(i.state)}</td>
                  <td data-label="Last hour" class="wide">${r?Ya(r.delivered,"ok",160,20):c`<span class="faint">–</span>`}</td>
                  <td data-label="Now" class="number"><span>${ms(r?$i(r.delivered,ed):0)}<span class="unit">/s</span></span></td>
                  <td data-label="Pending" class="number">${Q(i.pending)}</td>
                  <td data-label="Dead letters" class="number">
                    ${i.dead_letters>0?c`<a class="bad-text" href=${W(["dead-letters"],{channel:i.name})}>${Q(i.dead_letters)}</a>`:"0"}
                  </td>
                  <td data-label="Success" class="number">${Ks(i.success_rate)}</td>
                  <td data-label="p99" class="number">${$t(i.latency?.p99_ms)}</td>
                </tr>`})}
            </tbody>
          </table></div>`}
    </section>`:te(this.channels.problem)}failures(e){return c`<section class="panel" aria-labelledby="failures">
      <div class="panel-head"><h2 id="failures">Recent failures</h2></div>
      ${e.recent_failures.length===0?Ge("No attempt has failed since the start.","What fails shows here at once, with its class and code."):c`<ul class="lines">
            ${e.recent_failures.slice(0,8).map(s=>c`<li>
                <span class="when">${je(s.at)}</span>
                <span class="what">
                  <a href=${W(["channels",s.channel])}>${_(s.channel,40)}</a> ${Ze(s.class,s.code)}
                  <span class="faint">attempt ${s.attempt}</span>
                  <span class="detail">${_(s.error,160)}</span>
                </span>
              </li>`)}
          </ul>`}
    </section>`}newest(){let e=this.latest.value;return c`<section class="panel" aria-labelledby="newest">
      <div class="panel-head"><h2 id="newest">Latest events</h2><a href="#/events">All events</a></div>
      ${te(this.latest.problem)}
      ${e?.events.length===0?Ge("No event has arrived yet.",Ka()):c`<ul class="lines">
            ${e?.events.map(({event:s,result:i})=>{let{id:r,source:l}=s;return c`<li>
                <span class="when">${je(i.broadcast_at)}</span>
                <span class="what">
                  <a href=${W(["events",r],{source:l})}>${_(i.event_type,60)}</a>
                  <span class="counts">
                    ${i.summary.successful>0?c`<span class="ok-text">${j("success")}${i.summary.successful}<span class="hidden"> delivered</span></span>`:$}
                    ${i.summary.failed>0?c`<span class="bad-text">${j("failed")}${i.summary.failed}<span class="hidden"> failed</span></span>`:$}
                    ${i.summary.pending>0?c`<span class="wait-text">${j("pending")}${i.summary.pending}<span class="hidden"> pending</span></span>`:$}
                    ${i.summary.skipped>0?c`<span class="faint">${j("skipped")}${i.summary.skipped}<span class="hidden"> skipped</span></span>`:$}
                  </span>
                </span>
              </li>`})}
          </ul>`}
    </section>`}};T([Ee()],Si.prototype,"window",2),Si=T([le("ff-overview")],Si);function Ka(){return c`Send one:
    <pre class="command" tabindex="0">curl ${location.origin}/v1/events -H 'content-type: application/json' \\
  -d '{"type": "user.signup", "message": "New user registered"}'</pre>`}function ch(t){return[{name:"Delivered",colour:"ok",values:t.delivered,fill:!0},{name:"Accepted",colour:"wait",values:t.accepted},{name:"Failed",colour:"warn",values:t.failed},{name:"Dead",colour:"bad",values:t.dead}]}var dh=50,ph=500,td=["type","status","channel","source","since","until"],uh=["success","partial","failed","pending","unrouted","cancelled"],Ds=class extends ne{constructor(){super(...arguments);this.query=new URLSearchParams;this.paused=!1;this.looking=!1;this.missed=0;this.channels=new Z(this,e=>pe("/v1/channels",{},e));this.page=new Z(this,e=>this.load(e));this.fresh=new Set;this.newest=0;this.look=e=>{this.looking=e,!e&&this.missed>0&&this.soon()};this.toggle=()=>{this.paused=!this.paused,this.paused||this.page.load()};this.filter=e=>{e.preventDefault();let s=this.querySelector("form");if(s){let i=Object.fromEntries([...new FormData(s)].map(([r,l])=>[r,String(l).trim()]));Vt(W(["events"],i))}}}load(e){let s=this.query.get("after");return pe("/v1/events",{...io(this.query,new Date),order:"newest",limit:dh,after:s},e).then(i=>{let r=i.events.map(l=>l.offset);return this.fresh=new Set(this.newest>0?r.filter(l=>l>this.newest):[]),this.newest=Math.max(this.newest,...r,0),this.missed=0,i})}connectedCallback(){super.connectedCallback(),this.unfollow=Mn(e=>{this.stopped?this.missed+=e==="event"?1:0:this.soon()})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.(),clearTimeout(this.timer),this.timer=void 0}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&(this.newest=0,this.page.restart())}get stopped(){return this.paused||this.looking||this.query.has("after")}soon(){this.timer??=setTimeout(()=>{this.timer=void 0,this.stopped||this.page.load()},ph)}render(){let e=this.page.value,s=td.some(i=>this.query.has(i));return c`<div class="head">
        <h1>Events</h1>
        ${this.control()}
      </div>
      ${this.filters()} ${te(this.page.problem)}
      ${e?e.events.length===0?s||this.query.has("after")?Ge("No event matches.",c`<a href="#/events">Show all events</a>`):Ge("No event has arrived yet.",Ka()):this.table(e):this.page.problem?$:Ae()}`}control(){if(this.query.has("after"))return c`<a class="button" href=${this.href({after:void 0})}>Back to the newest</a>`;let e=this.paused?"Paused":this.looking?"Paused while you look":"Live";return c`<div class="control">
      <span class="connection ${this.stopped?"wait":"ok"}" role="status"><span class="dot"></span>${e}</span>
      ${this.missed>0?c`<button class="primary" @click=${()=>{this.page.load()}}>${Be(this.missed,"new event")}</button>`:$}
      <button aria-pressed=${this.paused} @click=${this.toggle}>${j(this.paused?"play":"pause")}${this.paused?"Follow":"Pause"}</button>
    </div>`}filters(){let e=this.channels.value?.channels.map(r=>r.name)??[],s=r=>this.query.get(r)??"",i=(r,l,d)=>c`<select name=${r} @change=${this.filter}>
      <option value="" ?selected=${s(r)===""}>${d}</option>
      ${[...new Set([...l,s(r)])].filter(u=>u!=="").map(u=>c`<option value=${u} ?selected=${s(r)===u}>${u}</option>`)}
    </select>`;return c`<form class="filters" role="search" aria-label="Filter events" @submit=${this.filter}>
      <label>Type <input name="type" .value=${s("type")} placeholder="order.*" @change=${this.filter} /></label>
      <label>Status ${i("status",uh,"any")}</label>
      <label>Channel ${i("channel",e,"any")}</label>
      <label>Source <input name="source" .value=${s("source")} placeholder="/shop" @change=${this.filter} /></label>
      <label>Since <input name="since" .value=${s("since")} placeholder="15m, or a time" list="spans" @change=${this.filter} /></label>
      <label>Until <input name="until" .value=${s("until")} placeholder="a time" @change=${this.filter} /></label>
      <datalist id="spans">${["15m","1h","6h","1d","7d"].map(r=>c`<option value=${r}></option>`)}</datalist>
      <button>${j("search")}Filter</button>
      ${td.some(r=>this.query.has(r))?c`<a class="button quiet" href="#/events">${j("close")}Clear</a>`:$}
    </form>`}href(e){return W(["events"],{...Object.fromEntries(this.query),...e})}table(e){return c`${e.incomplete?c`<div class="alarm bad">${j("warning")}<span>A damaged part of the journal hides events. <code>fanfare doctor</code> shows the extent.</span></div>`:$}
      <div class="scroll" role="region" aria-label="Events, newest first" tabindex="0"><table
        class="cards"
        @pointerenter=${s=>s.pointerType==="mouse"&&this.look(!0)}
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
          ${e.events.map(({event:s,result:i,offset:r})=>{let{id:l,source:d,subject:u}=s;return c`<tr class=${this.fresh.has(r)?"fresh":""}>
              <td data-label="Recorded" class="narrow">${je(i.broadcast_at)}</td>
              <th scope="row" class="long">
                <a href=${W(["events",l],{source:d})}>${_(i.event_type,80)}</a>
                <div class="faint">${Y(l,60)}${u?c` · ${_(u,40)}`:$}</div>
              </th>
              <td data-label="Status">${pi(i.overall_status)}</td>
              <td data-label="Channels">
                <div class="chips">
                  ${Object.entries(i.channels).map(([f,v])=>oo(f,v.status,hh(f,v)))}
                </div>
              </td>
              <td data-label="Source">${_(d,40)}</td>
              <td data-label="Offset" class="number">${r}</td>
            </tr>`})}
        </tbody>
      </table></div>
      <div class="pager">
        ${e.next===null||e.next===void 0?$:c`<a class="button" href=${this.href({after:e.next})}>Older ${j("right")}</a>`}
      </div>`}};T([me({attribute:!1})],Ds.prototype,"query",2),T([Ee()],Ds.prototype,"paused",2),T([Ee()],Ds.prototype,"looking",2),T([Ee()],Ds.prototype,"missed",2),Ds=T([le("ff-events")],Ds);function hh(t,n){let e=[`${t}: ${n.status}`,`${Be(n.attempts,"attempt")}`];return n.code&&e.push(`${n.class} ${n.code}: ${n.error??""}`),n.waiting_for&&e.push(`waiting for ${n.waiting_for}${n.until?` until ${n.until}`:""}`),n.reason&&e.push(`${n.reason}: ${n.detail??""}`),e.join(`
`)}var _i=class extends ne{constructor(){super(...arguments);this.delivery="";this.text="";this.shown=new Z(this,async e=>{let{value:s,text:i}=await ct("GET",`/v1/dead-letters/${Fe(this.delivery)}`,void 0,e),r=Cs(i,"event")??"";return this.text=r==="null"?"":r,s});this.channels=new Z(this,e=>pe("/v1/channels",{},e))}willUpdate(e){e.has("delivery")&&e.get("delivery")&&this.shown.restart()}render(){let e=this.shown.value;if(!e)return c`<h1>Dead letter</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}
              <p>It may have been redriven or deleted. <a href="#/dead-letters">All dead letters</a></p>`:Ae()}`;let s=this.channels.value?.channels.find(l=>l.name===e.channel),i=s?.digest&&e.plugin&&!s.digest.startsWith(e.plugin),r=()=>Vt("#/dead-letters");return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/dead-letters">Dead letters</a> / ${Y(e.delivery_id)}</p>
          <h1>${_(e.event_type,120)} <span class="faint">to</span> ${_(e.channel,60)}</h1>
        </div>
        <div class="control">
          ${ke("Redrive","again","operate",()=>cs("replay",{delivery_id:e.delivery_id},r),{channel:e.channel})}
          ${ke("Delete","trash","admin",()=>this.purge(e,r),{channel:e.channel,danger:!0})}
        </div>
      </div>
      <div class="alarm bad">${j("failed")}<span>${Ze(e.class,e.code)} ${_(e.error,1e3)}</span></div>
      <div class="columns">
        <section class="panel" aria-labelledby="history">
          <div class="panel-head"><h2 id="history">${Be(e.history.length,"attempt")}</h2></div>
          <ol class="timeline">
            ${e.history.map(l=>c`<li class=${l.class?"bad":"ok"}>
                <span class="mark">${j(l.class?"failed":"success")}</span>
                <div class="step">
                  <div class="step-head"><b>attempt ${l.number}</b> <span class="faint">${l.trigger}</span> ${je(l.started)}</div>
                  ${ua(l)}
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
      </div>`}purge(e,s){ht({title:"Delete this dead letter?",body:"What is deleted cannot be redriven.",phrase:"delete",action:"Delete",danger:!0,act:async()=>(await ct("DELETE",`/v1/dead-letters/${Fe(e.delivery_id)}`),s(),"The dead letter is deleted.")})}};T([me()],_i.prototype,"delivery",2),_i=T([le("ff-letter")],_i);var fh=500,wr=50,mh=["channel","type","class","code","since","until"],gh=["retry","throttled","rejected","suspended","trap","fuel","timeout","memory","denied","expired","host"],Ti=class extends ne{constructor(){super(...arguments);this.query=new URLSearchParams;this.channels=new Z(this,e=>pe("/v1/channels",{},e));this.page=new Z(this,e=>this.load(e),5e3);this.jobs=new Z(this,e=>pe("/v1/replays",{},e),2e3);this.many=wr;this.again=()=>{this.page.load(),this.jobs.load()};this.filter=e=>{e.preventDefault();let s=this.querySelector("form");if(s){let i=Object.fromEntries([...new FormData(s)].map(([r,l])=>[r,String(l).trim()]));Vt(W(["dead-letters"],i))}}}load(e){let s=this.query.get("after");return pe("/v1/dead-letters",{...Zi(this.query,new Date),order:"newest",limit:fh,after:s},e)}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&(this.many=wr,this.page.restart())}render(){let e=this.page.value,s=Zi(this.query,new Date),i=Xi(s),r=e?.dead_letters.length===0;return c`<div class="head">
        <h1>Dead letters</h1>
        <div class="control">
          ${ke(i?"Redrive these":"Redrive all","again","operate",()=>cs("replay",s,this.again),{off:r?"There is none.":void 0})}
          ${ke(i?"Purge these":"Purge all","trash","admin",()=>cs("purge",s,this.again),{danger:!0,off:r?"There is none.":void 0})}
        </div>
      </div>
      ${this.filters()} ${te(this.page.problem)}
      ${e?r?i?Ge("No dead letter matches.",c`<a href="#/dead-letters">Show all dead letters</a>`):Ge("There are no dead letters.",c`Every delivery has been delivered, skipped or is still pending. What is given up shows here
                with its reason, and can be redriven.`):c`${this.groups(e)} ${this.table(e)}`:this.page.problem?$:Ae()}
      ${this.jobsPanel()}`}filters(){let e=this.channels.value?.channels.map(r=>r.name)??[],s=r=>this.query.get(r)??"",i=(r,l)=>c`<select name=${r} @change=${this.filter}>
      <option value="" ?selected=${s(r)===""}>any</option>
      ${[...new Set([...l,s(r)])].filter(d=>d!=="").map(d=>c`<option value=${d} ?selected=${s(r)===d}>${d}</option>`)}
    </select>`;return c`<form class="filters" role="search" aria-label="Filter dead letters" @submit=${this.filter}>
      <label>Channel ${i("channel",e)}</label>
      <label>Type <input name="type" .value=${s("type")} placeholder="order.*" @change=${this.filter} /></label>
      <label>Class ${i("class",gh)}</label>
      <label>Code <input name="code" .value=${s("code")} placeholder="http_503" @change=${this.filter} /></label>
      <label>Since <input name="since" .value=${s("since")} placeholder="1d, or a time" @change=${this.filter} /></label>
      <label>Until <input name="until" .value=${s("until")} placeholder="a time" @change=${this.filter} /></label>
      <button>${j("search")}Filter</button>
      ${mh.some(r=>this.query.has(r))?c`<a class="button quiet" href="#/dead-letters">${j("close")}Clear</a>`:$}
    </form>`}groups(e){let s=ao(e.dead_letters),i=e.dead_letters.length,r=Object.fromEntries([...this.query].filter(([l])=>l!=="after"));return c`<section class="panel" aria-labelledby="groups">
      <div class="panel-head">
        <h2 id="groups">By code</h2>
        ${e.next!==null&&e.next!==void 0?c`<span class="faint">of the newest ${Q(i)}</span>`:$}
      </div>
      <ul class="groups">
        ${s.slice(0,12).map(l=>{let d={...Zi(this.query,new Date),channel:l.channel,class:l.class,code:l.code},u=`${l.code} on ${l.channel}`;return c`<li>
            <div class="group">
              <a href=${W(["dead-letters"],{...r,channel:l.channel,class:l.class,code:l.code})}>
                ${Ze(l.class,l.code)} <span class="faint">on</span> ${_(l.channel,60)}</a>
              <b>${Q(l.items.length)}</b>
            </div>
            ${ki(l.items.length/i,"bad")}
            <div class="group">
              <span class="faint">${_(l.items[0]?.error,120)}</span>
              <span class="control">
                ${ke("Redrive","again","operate",()=>cs("replay",d,this.again),{channel:l.channel,label:`Redrive ${u}`})}
                ${ke("Purge","trash","admin",()=>cs("purge",d,this.again),{channel:l.channel,danger:!0,label:`Purge ${u}`})}
              </span>
            </div>
          </li>`})}
      </ul>
    </section>`}table(e){let s=e.dead_letters.slice(0,this.many);return c`${e.incomplete?c`<div class="alarm bad">${j("warning")}<span>A damaged part of the journal hides dead letters.</span></div>`:$}
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
          ${s.map(i=>c`<tr>
              <td data-label="Given up" class="narrow">${je(i.at)}</td>
              <th scope="row" class="long">
                <a href=${W(["dead-letters",i.delivery_id])}>${_(i.event_type,80)}</a>
                <div class="faint">${Y(i.event_id,60)}</div>
              </th>
              <td data-label="Channel" class="name"><a href=${W(["channels",i.channel])}>${_(i.channel,60)}</a></td>
              <td data-label="Reason" class="text">${Ze(i.class,i.code)}<div class="faint">${_(i.error,140)}</div></td>
              <td data-label="Attempts" class="number">${i.attempts}</td>
              <td class="actions">
                ${ke("Redrive","again","operate",()=>cs("replay",{delivery_id:i.delivery_id},this.again),{channel:i.channel,label:`Redrive ${i.event_type} to ${i.channel}`})}
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
          ${e.slice(0,10).map(s=>{let i=s.state==="running"||s.state==="paused",r=s.sent+s.skipped;return c`<tr>
              <th scope="row">${s.kind} ${s.id}</th>
              <td data-label="State">${Qe(s.state)}${s.error?c`<div class="bad-text">${_(s.error,200)}</div>`:$}</td>
              <td data-label="What" class="text">${Y(JSON.stringify(s.request),160)}</td>
              <td data-label="Progress">
                ${Q(r)} of ${Q(s.matched)}
                ${s.matched>0?ki(r/s.matched,"accent"):$}
                <div class="faint">
                  ${s.kind==="purge"?$:c`${Be(s.delivered,"delivered","delivered")}, ${Q(s.dead)} dead, ${Q(s.pending)} pending`}
                  ${s.skipped>0?c`, ${Q(s.skipped)} skipped`:$}
                </div>
              </td>
              <td data-label="Begun">${We(s.created_at)}</td>
              <td class="actions">
                ${i?c`${s.state==="running"?ke("Pause","pause","operate",()=>{this.job(s,"pause")},{label:`Pause job ${s.id}`}):ke("Resume","play","operate",()=>{this.job(s,"resume")},{label:`Resume job ${s.id}`})}
                    ${ke("Cancel","close","operate",()=>this.cancel(s),{danger:!0,label:`Cancel job ${s.id}`})}`:$}
              </td>
            </tr>`})}
        </tbody>
      </table></div>
    </section>`}async job(e,s){await ut(`/v1/replays/${Fe(String(e.id))}/${s}`).catch(()=>{}),this.jobs.load()}cancel(e){ht({title:`Cancel job ${e.id}?`,body:"It ends for good. What it has begun goes on; the rest is left as it is.",count:async()=>{let s=await pe(`/v1/replays/${Fe(String(e.id))}`),i=Math.max(0,s.matched-s.sent-s.skipped);return{matched:1,sentence:`${Q(i)} of ${Q(s.matched)} are left.`}},action:"Cancel the job",danger:!0,act:async()=>(await ut(`/v1/replays/${Fe(String(e.id))}/cancel`),this.jobs.load(),`Job ${e.id} is cancelled.`)})}};T([me({attribute:!1})],Ti.prototype,"query",2),Ti=T([le("ff-letters")],Ti);var xr=class extends ne{constructor(){super(...arguments);this.list=new Z(this,e=>pe("/v1/plugins",{},e),5e3)}render(){let e=this.list.value;return c`<div class="head">
        <h1>Plugins</h1>
        ${ke("Reload","again","admin",()=>this.reload())}
      </div>
      ${te(this.list.problem)}
      ${e?c`${e.plugins.length===0?Ge("No plugin is in use.",c`Copy a <code>.wasm</code> file into the plugins folder, or name one that comes with Fanfare in
                  <code>config.toml</code>: <code>plugin = "builtin:webhook"</code>.`):c`<div class="plugins">${e.plugins.map(s=>this.plugin(s))}</div>`}
            ${this.reloads(e)}`:this.list.problem?$:Ae()}`}plugin(e){let s=[...e.channels,...e.stages??[]];return c`<section class="panel plugin">
      <div class="panel-head">
        <h2>${_(e.name,80)}</h2>
        <span class="control">
          ${e.kind?c`<span class="tag">${e.kind}</span>`:$} ${e.batches?c`<span class="tag">batches</span>`:$}
          ${e.error?Qe("failed"):e.configure?Qe("unconfigured"):Qe("active")}
        </span>
      </div>
      ${e.error?c`<div class="alarm bad">${_(e.error,1e3)}</div>`:$}
      ${e.configure?c`<p>It waits for this in <code>config.toml</code>:</p><pre class="command" tabindex="0">${e.configure}</pre>`:$}
      <dl class="facts">
        ${e.file?c`<div><dt>file</dt><dd>${Y(e.file,300)}</dd></div>`:$}
        <div><dt>digest</dt><dd title=${e.digest}>${Y(ci(e.digest))}${e.size?c` <span class="faint">${Es(e.size)}</span>`:$}</dd></div>
        <div>
          <dt>used by</dt>
          <dd>
            ${s.length===0?c`<span class="faint">nothing</span>`:$}
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
          <div><h3>Imports</h3>${sd(e.imports)}</div>
          <div><h3>Exports</h3>${sd(e.exports)}</div>
        </div>
      </details>
    </section>`}reloads(e){return c`<section class="panel" aria-labelledby="reloads">
      <div class="panel-head"><h2 id="reloads">Reloads</h2><span class="faint">since the start, newest first</span></div>
      ${e.reloads.length===0?c`<p class="faint">Nothing has changed yet.</p>`:c`<ul class="lines">
            ${e.reloads.map(s=>c`<li>
                <span class="when">${je(s.at)}</span>
                <span class="what">
                  ${Qe(s.outcome)} ${s.changes.map(i=>c`<span class="detail">${_(i,400)}</span>`)}
                  ${s.errors.map(i=>c`<span class="detail bad-text">${_(i,600)}</span>`)}
                  ${s.changes.length+s.errors.length===0?c`<span class="detail">all is well again</span>`:$}
                </span>
              </li>`)}
          </ul>`}
    </section>`}reload(){ht({title:"Reload now?",body:"The daemon looks at the configuration and the plugins. What cannot be taken changes nothing, and says why.",action:"Reload",act:async()=>{let e=await ut("/v1/reload",void 0).finally(()=>{this.list.load()});return e.changes.length===0?"Nothing has changed.":c`${e.changes.map(s=>c`<div>${_(s,200)}</div>`)}`}})}};xr=T([le("ff-plugins")],xr);function sd(t){return c`<ul class="names">${(t??[]).slice(0,200).map(n=>c`<li>${Y(n,200)}</li>`)}</ul>`}var ln=class extends ne{constructor(){super(...arguments);this.subject="";this.text="{}";this.shown=new Z(this,async e=>{let{value:s,text:i}=await ct("GET",this.path,void 0,e);return this.text=i,s})}get path(){return`/v1/recipients/${Fe(this.subject)}`}willUpdate(e){e.has("subject")&&e.get("subject")&&(this.draft=void 0,this.shown.restart())}render(){let e=this.shown.value;if(!e)return c`<h1>Recipient</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}<p><a href="#/recipients">All recipients</a></p>`:Ae()}`;let s=e.changed_at!==void 0;return c`<div class="head">
        <div>
          <p class="crumb"><a href="#/recipients">Recipients</a></p>
          <h1>${_(e.subject,120)}</h1>
        </div>
        <div class="control">
          ${this.draft===void 0?ke("Edit","config","admin",()=>this.edit(e)):$}
          ${s?ke("Remove","trash","admin",()=>this.unset(),{danger:!0}):$}
        </div>
      </div>
      <p class="faint">
        ${s?c`Set through the interface, ${je(e.changed_at)}. It takes the place of what a file says.`:"From a file of the configuration."}
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
          </section>`}`}edit(e){let{subject:s,source:i,changed_at:r,...l}=e;this.wrong=void 0,this.draft=JSON.stringify(l,null,2)}async save(){try{await ct("PUT",this.path,JSON.parse(this.draft??"{}")),this.draft=void 0,this.wrong=void 0,await this.shown.load(),da("The recipient is on record.")}catch(e){this.wrong=e instanceof SyntaxError?Pt(`It is not JSON: ${e.message}`):Pt(e)}}unset(){ht({title:"Remove what was set?",body:"What a file of the configuration says holds again, if there is anything.",phrase:"remove",action:"Remove",danger:!0,act:async()=>(await ct("DELETE",this.path),Vt("#/recipients"),"What was set is removed.")})}};T([me()],ln.prototype,"subject",2),T([Ee()],ln.prototype,"draft",2),T([Ee()],ln.prototype,"wrong",2),ln=T([le("ff-recipient")],ln);var Ei=class extends ne{constructor(){super(...arguments);this.query=new URLSearchParams;this.list=new Z(this,e=>pe("/v1/recipients",{prefix:this.query.get("prefix"),after:this.query.get("after"),limit:100},e));this.filter=e=>{e.preventDefault(),Vt(W(["recipients"],{prefix:this.querySelector("input")?.value.trim()}))}}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&this.list.restart()}render(){let e=this.list.value;return c`<div class="head"><h1>Recipients</h1></div>
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
                ${e.recipients.map(s=>c`<tr>
                    <th scope="row"><a href=${W(["recipients",s.subject])}>${_(s.subject,80)}</a></th>
                    <td data-label="Email">${s.email?_(s.email,80):c`<span class="faint">–</span>`}</td>
                    <td data-label="Phone">${s.phone?_(s.phone,40):c`<span class="faint">–</span>`}</td>
                    <td data-label="Locale">${s.locale?_(s.locale,20):c`<span class="faint">–</span>`}</td>
                    <td data-label="Quiet hours">${vh(s.quiet)}</td>
                    <td data-label="From">${s.source}${s.changed_at?c` <span class="faint">${We(s.changed_at)}</span>`:$}</td>
                  </tr>`)}
              </tbody>
            </table></div>
            ${e.next?c`<div class="pager"><a class="button" href=${W(["recipients"],{prefix:this.query.get("prefix"),after:e.next})}>More ${j("right")}</a></div>`:$}`:this.list.problem?$:Ae()}`}};T([me({attribute:!1})],Ei.prototype,"query",2),Ei=T([le("ff-recipients")],Ei);function vh(t){if(!t)return c`<span class="faint">the channel's</span>`;if(t==="none")return"none";let n=Array.isArray(t)?t:[t];return _(n.map(e=>`${e.from}–${e.to} ${e.zone}`).join("; "),100)}var Ai=class extends ne{constructor(){super(...arguments);this.type="";this.example="";this.shown=new Z(this,async e=>{let{value:s,text:i}=await ct("GET",`/v1/schemas/${Fe(this.type)}`,void 0,e);return this.example=Cs(i,"example")??"",s})}willUpdate(e){e.has("type")&&e.get("type")&&this.shown.restart()}render(){let e=this.shown.value;return e?c`<div class="head">
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
          ${e.definitions.length===0?c`<section class="panel"><h2>No schema</h2><p class="faint">Events of this type are accepted whatever their data.</p></section>`:e.definitions.map(s=>c`<section class="panel">
                  <div class="panel-head"><h2>${Y(s.name)}</h2><span class="tag">${s.mode}</span></div>
                  <p class="faint">${Y(s.file,200)}, ${Q(s.mismatches)} mismatches since the start</p>
                  <ff-payload .text=${JSON.stringify(s.schema??null)} label=${`Schema ${s.name}`}></ff-payload>
                </section>`)}
        </div>
      </div>`:c`<h1>Type</h1>
        ${this.shown.problem?c`${te(this.shown.problem)}<p><a href="#/schemas">All types</a></p>`:Ae()}`}};T([me()],Ai.prototype,"type",2),Ai=T([le("ff-schema")],Ai);var Pi=class extends ne{constructor(){super(...arguments);this.query=new URLSearchParams;this.list=new Z(this,e=>pe("/v1/schemas",{type:this.query.get("type"),after:this.query.get("after"),examples:"false",limit:100},e),1e4);this.filter=e=>{e.preventDefault(),Vt(W(["schemas"],{type:this.querySelector("input")?.value.trim()}))}}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&this.list.restart()}render(){let e=this.list.value;return c`<div class="head"><h1>Schemas</h1></div>
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
              ${e.types.map(s=>c`<tr>
                  <th scope="row"><a href=${W(["schemas",s.type])}>${_(s.type,120)}</a></th>
                  <td data-label="Events" class="number"><a href=${W(["events"],{type:s.type})}>${Q(s.events)}</a></td>
                  <td data-label="Newest">${We(s.last_seen)}</td>
                  <td data-label="Schemas">${s.schemas.length===0?c`<span class="faint">none</span>`:s.schemas.map(i=>c`<span class="pair">${Y(i)}</span> `)}</td>
                </tr>`)}
            </tbody>
          </table></div>`}
      ${e.next?c`<div class="pager"><a class="button" href=${W(["schemas"],{type:this.query.get("type"),after:e.next})}>More ${j("right")}</a></div>`:$}
    </section>`}schemas(e){return c`<section class="panel" aria-labelledby="in-force">
      <div class="panel-head"><h2 id="in-force">Schemas in force</h2></div>
      ${e.schemas.length===0?c`<p class="faint">None: every event is accepted. <code>[schemas."user.signup"]</code> in <code>config.toml</code> names a JSON Schema for a type.</p>`:c`<div class="scroll" role="region" aria-label="Table of schemas" tabindex="0"><table class="cards">
            <thead>
              <tr>
                <th scope="col">Schema</th><th scope="col">What does not match</th><th scope="col">File</th><th scope="col" class="number">Mismatches</th>
              </tr>
            </thead>
            <tbody>
              ${e.schemas.map(s=>c`<tr>
                  <th scope="row">${Y(s.name)}${s.dataschema?c`<div class="faint">${Y(s.dataschema)}</div>`:$}</th>
                  <td data-label="What does not match">${s.mode==="warn"?"is accepted, and counted":"is rejected"}</td>
                  <td data-label="File">${Y(s.file,200)}</td>
                  <td data-label="Mismatches" class="number">${s.mismatches>0?c`<span class="bad-text">${Q(s.mismatches)}</span>`:"0"}</td>
                </tr>`)}
            </tbody>
          </table></div>`}
    </section>`}};T([me({attribute:!1})],Pi.prototype,"query",2),Pi=T([le("ff-schemas")],Pi);var Fn=class extends ne{constructor(){super(...arguments);this.busy=!1;this.submit=async e=>{e.preventDefault();let s=this.querySelector("input");if(!(!s||this.busy)){this.busy=!0,this.problem=void 0;try{await Ql(s.value.trim())}catch(i){this.problem=Pt(i),s.select()}this.busy=!1}}}firstUpdated(){this.querySelector("input")?.focus()}render(){return c`<main class="sign-in" id="content">
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
    </main>`}};T([Ee()],Fn.prototype,"busy",2),T([Ee()],Fn.prototype,"problem",2),Fn=T([le("ff-sign-in")],Fn);var bh=5e3,nd=[{page:"overview",name:"Overview",icon:"overview"},{page:"events",name:"Events",icon:"events"},{page:"channels",name:"Channels",icon:"channels"},{page:"dead-letters",name:"Dead letters",icon:"letters"},{page:"plugins",name:"Plugins",icon:"plugins"},{page:"schemas",name:"Schemas",icon:"schemas"},{page:"recipients",name:"Recipients",icon:"recipients"},{page:"config",name:"Config",icon:"config"}],$h=new Map(nd.map(({page:t,name:n})=>[t,n])),Wn=class extends ne{constructor(){super(...arguments);this.route=na(location.hash);this.open=!1;this.session=new ls(this,os);this.theme=new ls(this,Qs);this.live=new ls(this,Ct);this.reached=new ls(this,Gi);this.notices=new ls(this,Cn);this.moved=async()=>{if(!location.hash.startsWith("#/")&&location.hash!=="")return;let e=this.route;this.route=na(location.hash),this.open=!1,this.name(),await this.updateComplete,(e.page!==this.route.page||e.rest.join("/")!==this.route.rest.join("/"))&&(window.scrollTo(0,0),this.querySelector("#content")?.focus({preventScroll:!0}))}}connectedCallback(){super.connectedCallback(),addEventListener("hashchange",this.moved),this.name(),oa()}disconnectedCallback(){super.disconnectedCallback(),removeEventListener("hashchange",this.moved)}name(){let[e]=this.route.rest,s=$h.get(this.route.page)??"Not found";document.title=`${e?`${be(e,60)} · `:""}${s} · Fanfare`}render(){let e=this.session.value;return e.state==="out"?c`<ff-sign-in></ff-sign-in>`:c`<a class="skip" href="#content" @click=${this.skip}>Skip to the content</a>
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
      ${no(this.notices.value)}
      <ff-dialog></ff-dialog>`}page(){let{page:e,rest:s,query:i}=this.route,[r]=s;switch(e){case"overview":return c`<ff-overview></ff-overview>`;case"events":return r?c`<ff-event .event=${r} .source=${i.get("source")??""}></ff-event>`:c`<ff-events .query=${i}></ff-events>`;case"channels":return r?c`<ff-channel .channel=${r}></ff-channel>`:c`<ff-channels></ff-channels>`;case"dead-letters":return r?c`<ff-letter .delivery=${r}></ff-letter>`:c`<ff-letters .query=${i}></ff-letters>`;case"plugins":return c`<ff-plugins></ff-plugins>`;case"schemas":return r?c`<ff-schema .type=${r}></ff-schema>`:c`<ff-schemas .query=${i}></ff-schemas>`;case"recipients":return r?c`<ff-recipient .subject=${r}></ff-recipient>`:c`<ff-recipients .query=${i}></ff-recipients>`;case"config":return c`<ff-config></ff-config>`;default:return c`<h1>There is no such page</h1>
          <p><a href="#/">The overview</a> leads to all of them.</p>`}}connection(){let e={idle:["ok","Up to date"],connecting:["wait","Connecting …"],open:["ok","Live"],broken:["bad","Stream lost"]},[s,i]=this.reached.value?e[this.live.value.state]:["bad","Not reachable"];return c`<span class="connection ${s}" role="status"><span class="dot"></span>${i}</span>`}themes(){return c`<div class="themes" role="group" aria-label="Colours">
      ${[["system","system","As the system has it"],["light","sun","Light"],["dark","moon","Dark"]].map(([s,i,r])=>c`<button
          class="quiet"
          title=${r}
          aria-label=${r}
          aria-pressed=${this.theme.value===s}
          @click=${()=>Xl(s)}
        >
          ${j(i)}
        </button>`)}
    </div>`}who(){let e=this.session.value;return e.state==="in"&&e.who.required?c`<div class="who">
          <span title=${`Scopes: ${e.who.scopes.join(", ")}`}>${be(e.who.name??"",40)}</span>
          <button class="quiet" @click=${()=>{Zl()}}>${j("out")}Sign out</button>
        </div>`:$}skip(e){e.preventDefault(),this.querySelector("#content")?.focus()}};T([Ee()],Wn.prototype,"route",2),T([Ee()],Wn.prototype,"open",2),Wn=T([le("ff-app")],Wn);var Mi=class extends ne{constructor(){super(...arguments);this.stats=new Z(this,e=>pe("/v1/stats",{},e),bh)}render(){let s=Object.values(this.stats.value?.channels??{}).reduce((l,d)=>l+d.dead_letters,0),i=this.stats.value?.last_reload?.outcome==="rejected",r={"dead-letters":s>0?c`<span class="badge bad">${Q(s)}<span class="hidden"> dead letters</span></span>`:$,config:i?c`<span class="badge bad">!<span class="hidden"> the last reload was rejected</span></span>`:$};return c`<ul>
      ${nd.map(({page:l,name:d,icon:u})=>c`<li>
          <a href=${W(l==="overview"?[]:[l])} aria-current=${l===this.page?"page":"false"}>
            ${j(u)}<span>${d}</span>${r[l]??$}
          </a>
        </li>`)}
    </ul>`}};Mi.properties={page:{}},Mi=T([le("ff-navigation")],Mi);export{Wn as App,Mi as Navigation};
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
