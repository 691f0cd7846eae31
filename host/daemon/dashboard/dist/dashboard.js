var rp=Object.defineProperty;var ap=Object.getOwnPropertyDescriptor;var E=(t,n,e,s)=>{for(var i=s>1?void 0:s?ap(n,e):n,r=t.length-1,l;r>=0;r--)(l=t[r])&&(i=(s?l(n,e,i):l(i))||i);return s&&i&&rp(n,e,i),i};var Bi=globalThis,Yi=Bi.ShadowRoot&&(Bi.ShadyCSS===void 0||Bi.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype,ql=Symbol(),Ol=new WeakMap,Gi=class{constructor(n,e,s){if(this._$cssResult$=!0,s!==ql)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=n,this.t=e}get styleSheet(){let n=this.o,e=this.t;if(Yi&&n===void 0){let s=e!==void 0&&e.length===1;s&&(n=Ol.get(e)),n===void 0&&((this.o=n=new CSSStyleSheet).replaceSync(this.cssText),s&&Ol.set(e,n))}return n}toString(){return this.cssText}},zl=t=>new Gi(typeof t=="string"?t:t+"",void 0,ql);var Hl=(t,n)=>{if(Yi)t.adoptedStyleSheets=n.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let e of n){let s=document.createElement("style"),i=Bi.litNonce;i!==void 0&&s.setAttribute("nonce",i),s.textContent=e.cssText,t.appendChild(s)}},na=Yi?t=>t:t=>t instanceof CSSStyleSheet?(n=>{let e="";for(let s of n.cssRules)e+=s.cssText;return zl(e)})(t):t;var{is:lp,defineProperty:op,getOwnPropertyDescriptor:cp,getOwnPropertyNames:dp,getOwnPropertySymbols:pp,getPrototypeOf:up}=Object,Ji=globalThis,Vl=Ji.trustedTypes,hp=Vl?Vl.emptyScript:"",fp=Ji.reactiveElementPolyfillSupport,ii=(t,n)=>t,ri={toAttribute(t,n){switch(n){case Boolean:t=t?hp:null;break;case Object:case Array:t=t==null?t:JSON.stringify(t)}return t},fromAttribute(t,n){let e=t;switch(n){case Boolean:e=t!==null;break;case Number:e=t===null?null:Number(t);break;case Object:case Array:try{e=JSON.parse(t)}catch{e=null}}return e}},Ki=(t,n)=>!lp(t,n),Il={attribute:!0,type:String,converter:ri,reflect:!1,useDefault:!1,hasChanged:Ki};Symbol.metadata??=Symbol("metadata"),Ji.litPropertyMetadata??=new WeakMap;var fs=class extends HTMLElement{static addInitializer(n){this._$Ei(),(this.l??=[]).push(n)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(n,e=Il){if(e.state&&(e.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(n)&&((e=Object.create(e)).wrapped=!0),this.elementProperties.set(n,e),!e.noAccessor){let s=Symbol(),i=this.getPropertyDescriptor(n,s,e);i!==void 0&&op(this.prototype,n,i)}}static getPropertyDescriptor(n,e,s){let{get:i,set:r}=cp(this.prototype,n)??{get(){return this[e]},set(l){this[e]=l}};return{get:i,set(l){let d=i?.call(this);r?.call(this,l),this.requestUpdate(n,d,s)},configurable:!0,enumerable:!0}}static getPropertyOptions(n){return this.elementProperties.get(n)??Il}static _$Ei(){if(this.hasOwnProperty(ii("elementProperties")))return;let n=up(this);n.finalize(),n.l!==void 0&&(this.l=[...n.l]),this.elementProperties=new Map(n.elementProperties)}static finalize(){if(this.hasOwnProperty(ii("finalized")))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(ii("properties"))){let e=this.properties,s=[...dp(e),...pp(e)];for(let i of s)this.createProperty(i,e[i])}let n=this[Symbol.metadata];if(n!==null){let e=litPropertyMetadata.get(n);if(e!==void 0)for(let[s,i]of e)this.elementProperties.set(s,i)}this._$Eh=new Map;for(let[e,s]of this.elementProperties){let i=this._$Eu(e,s);i!==void 0&&this._$Eh.set(i,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(n){let e=[];if(Array.isArray(n)){let s=new Set(n.flat(1/0).reverse());for(let i of s)e.unshift(na(i))}else n!==void 0&&e.push(na(n));return e}static _$Eu(n,e){let s=e.attribute;return s===!1?void 0:typeof s=="string"?s:typeof n=="string"?n.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(n=>this.enableUpdating=n),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(n=>n(this))}addController(n){(this._$EO??=new Set).add(n),this.renderRoot!==void 0&&this.isConnected&&n.hostConnected?.()}removeController(n){this._$EO?.delete(n)}_$E_(){let n=new Map,e=this.constructor.elementProperties;for(let s of e.keys())this.hasOwnProperty(s)&&(n.set(s,this[s]),delete this[s]);n.size>0&&(this._$Ep=n)}createRenderRoot(){let n=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return Hl(n,this.constructor.elementStyles),n}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(n=>n.hostConnected?.())}enableUpdating(n){}disconnectedCallback(){this._$EO?.forEach(n=>n.hostDisconnected?.())}attributeChangedCallback(n,e,s){this._$AK(n,s)}_$ET(n,e){let s=this.constructor.elementProperties.get(n),i=this.constructor._$Eu(n,s);if(i!==void 0&&s.reflect===!0){let r=(s.converter?.toAttribute!==void 0?s.converter:ri).toAttribute(e,s.type);this._$Em=n,r==null?this.removeAttribute(i):this.setAttribute(i,r),this._$Em=null}}_$AK(n,e){let s=this.constructor,i=s._$Eh.get(n);if(i!==void 0&&this._$Em!==i){let r=s.getPropertyOptions(i),l=typeof r.converter=="function"?{fromAttribute:r.converter}:r.converter?.fromAttribute!==void 0?r.converter:ri;this._$Em=i;let d=l.fromAttribute(e,r.type);this[i]=d??this._$Ej?.get(i)??d,this._$Em=null}}requestUpdate(n,e,s,i=!1,r){if(n!==void 0){let l=this.constructor;if(i===!1&&(r=this[n]),s??=l.getPropertyOptions(n),!((s.hasChanged??Ki)(r,e)||s.useDefault&&s.reflect&&r===this._$Ej?.get(n)&&!this.hasAttribute(l._$Eu(n,s))))return;this.C(n,e,s)}this.isUpdatePending===!1&&(this._$ES=this._$EP())}C(n,e,{useDefault:s,reflect:i,wrapped:r},l){s&&!(this._$Ej??=new Map).has(n)&&(this._$Ej.set(n,l??e??this[n]),r!==!0||l!==void 0)||(this._$AL.has(n)||(this.hasUpdated||s||(e=void 0),this._$AL.set(n,e)),i===!0&&this._$Em!==n&&(this._$Eq??=new Set).add(n))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let n=this.scheduleUpdate();return n!=null&&await n,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[i,r]of this._$Ep)this[i]=r;this._$Ep=void 0}let s=this.constructor.elementProperties;if(s.size>0)for(let[i,r]of s){let{wrapped:l}=r,d=this[i];l!==!0||this._$AL.has(i)||d===void 0||this.C(i,void 0,r,d)}}let n=!1,e=this._$AL;try{n=this.shouldUpdate(e),n?(this.willUpdate(e),this._$EO?.forEach(s=>s.hostUpdate?.()),this.update(e)):this._$EM()}catch(s){throw n=!1,this._$EM(),s}n&&this._$AE(e)}willUpdate(n){}_$AE(n){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(n)),this.updated(n)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(n){return!0}update(n){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(n){}firstUpdated(n){}};fs.elementStyles=[],fs.shadowRootOptions={mode:"open"},fs[ii("elementProperties")]=new Map,fs[ii("finalized")]=new Map,fp?.({ReactiveElement:fs}),(Ji.reactiveElementVersions??=[]).push("2.1.2");var ra=globalThis,jl=t=>t,Qi=ra.trustedTypes,Fl=Qi?Qi.createPolicy("lit-html",{createHTML:t=>t}):void 0,aa="$lit$",ms=`lit$${Math.random().toFixed(9).slice(2)}$`,la="?"+ms,mp=`<${la}>`,Js=document,li=()=>Js.createComment(""),oi=t=>t===null||typeof t!="object"&&typeof t!="function",oa=Array.isArray,Jl=t=>oa(t)||typeof t?.[Symbol.iterator]=="function",ia=`[ 	
\f\r]`,ai=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Ul=/-->/g,Wl=/>/g,Gs=RegExp(`>|${ia}(?:([^\\s"'>=/]+)(${ia}*=${ia}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),Bl=/'/g,Gl=/"/g,Kl=/^(?:script|style|textarea|title)$/i,ca=t=>(n,...e)=>({_$litType$:t,strings:n,values:e}),o=ca(1),ae=ca(2),Xh=ca(3),gs=Symbol.for("lit-noChange"),y=Symbol.for("lit-nothing"),Yl=new WeakMap,Ys=Js.createTreeWalker(Js,129);function Ql(t,n){if(!oa(t)||!t.hasOwnProperty("raw"))throw Error("invalid template strings array");return Fl!==void 0?Fl.createHTML(n):n}var Zl=(t,n)=>{let e=t.length-1,s=[],i,r=n===2?"<svg>":n===3?"<math>":"",l=ai;for(let d=0;d<e;d++){let p=t[d],f,v,m=-1,$=0;for(;$<p.length&&(l.lastIndex=$,v=l.exec(p),v!==null);)$=l.lastIndex,l===ai?v[1]==="!--"?l=Ul:v[1]!==void 0?l=Wl:v[2]!==void 0?(Kl.test(v[2])&&(i=RegExp("</"+v[2],"g")),l=Gs):v[3]!==void 0&&(l=Gs):l===Gs?v[0]===">"?(l=i??ai,m=-1):v[1]===void 0?m=-2:(m=l.lastIndex-v[2].length,f=v[1],l=v[3]===void 0?Gs:v[3]==='"'?Gl:Bl):l===Gl||l===Bl?l=Gs:l===Ul||l===Wl?l=ai:(l=Gs,i=void 0);let k=l===Gs&&t[d+1].startsWith("/>")?" ":"";r+=l===ai?p+mp:m>=0?(s.push(f),p.slice(0,m)+aa+p.slice(m)+ms+k):p+ms+(m===-2?d:k)}return[Ql(t,r+(t[e]||"<?>")+(n===2?"</svg>":n===3?"</math>":"")),s]},ci=class t{constructor({strings:n,_$litType$:e},s){let i;this.parts=[];let r=0,l=0,d=n.length-1,p=this.parts,[f,v]=Zl(n,e);if(this.el=t.createElement(f,s),Ys.currentNode=this.el.content,e===2||e===3){let m=this.el.content.firstChild;m.replaceWith(...m.childNodes)}for(;(i=Ys.nextNode())!==null&&p.length<d;){if(i.nodeType===1){if(i.hasAttributes())for(let m of i.getAttributeNames())if(m.endsWith(aa)){let $=v[l++],k=i.getAttribute(m).split(ms),A=/([.?@])?(.*)/.exec($);p.push({type:1,index:r,name:A[2],strings:k,ctor:A[1]==="."?Xi:A[1]==="?"?er:A[1]==="@"?tr:Qs}),i.removeAttribute(m)}else m.startsWith(ms)&&(p.push({type:6,index:r}),i.removeAttribute(m));if(Kl.test(i.tagName)){let m=i.textContent.split(ms),$=m.length-1;if($>0){i.textContent=Qi?Qi.emptyScript:"";for(let k=0;k<$;k++)i.append(m[k],li()),Ys.nextNode(),p.push({type:2,index:++r});i.append(m[$],li())}}}else if(i.nodeType===8)if(i.data===la)p.push({type:2,index:r});else{let m=-1;for(;(m=i.data.indexOf(ms,m+1))!==-1;)p.push({type:7,index:r}),m+=ms.length-1}r++}}static createElement(n,e){let s=Js.createElement("template");return s.innerHTML=n,s}};function Ks(t,n,e=t,s){if(n===gs)return n;let i=s!==void 0?e._$Co?.[s]:e._$Cl,r=oi(n)?void 0:n._$litDirective$;return i?.constructor!==r&&(i?._$AO?.(!1),r===void 0?i=void 0:(i=new r(t),i._$AT(t,e,s)),s!==void 0?(e._$Co??=[])[s]=i:e._$Cl=i),i!==void 0&&(n=Ks(t,i._$AS(t,n.values),i,s)),n}var Zi=class{constructor(n,e){this._$AV=[],this._$AN=void 0,this._$AD=n,this._$AM=e}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(n){let{el:{content:e},parts:s}=this._$AD,i=(n?.creationScope??Js).importNode(e,!0);Ys.currentNode=i;let r=Ys.nextNode(),l=0,d=0,p=s[0];for(;p!==void 0;){if(l===p.index){let f;p.type===2?f=new Rn(r,r.nextSibling,this,n):p.type===1?f=new p.ctor(r,p.name,p.strings,this,n):p.type===6&&(f=new sr(r,this,n)),this._$AV.push(f),p=s[++d]}l!==p?.index&&(r=Ys.nextNode(),l++)}return Ys.currentNode=Js,i}p(n){let e=0;for(let s of this._$AV)s!==void 0&&(s.strings!==void 0?(s._$AI(n,s,e),e+=s.strings.length-2):s._$AI(n[e])),e++}},Rn=class t{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(n,e,s,i){this.type=2,this._$AH=y,this._$AN=void 0,this._$AA=n,this._$AB=e,this._$AM=s,this.options=i,this._$Cv=i?.isConnected??!0}get parentNode(){let n=this._$AA.parentNode,e=this._$AM;return e!==void 0&&n?.nodeType===11&&(n=e.parentNode),n}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(n,e=this){n=Ks(this,n,e),oi(n)?n===y||n==null||n===""?(this._$AH!==y&&this._$AR(),this._$AH=y):n!==this._$AH&&n!==gs&&this._(n):n._$litType$!==void 0?this.$(n):n.nodeType!==void 0?this.T(n):Jl(n)?this.k(n):this._(n)}O(n){return this._$AA.parentNode.insertBefore(n,this._$AB)}T(n){this._$AH!==n&&(this._$AR(),this._$AH=this.O(n))}_(n){this._$AH!==y&&oi(this._$AH)?this._$AA.nextSibling.data=n:this.T(Js.createTextNode(n)),this._$AH=n}$(n){let{values:e,_$litType$:s}=n,i=typeof s=="number"?this._$AC(n):(s.el===void 0&&(s.el=ci.createElement(Ql(s.h,s.h[0]),this.options)),s);if(this._$AH?._$AD===i)this._$AH.p(e);else{let r=new Zi(i,this),l=r.u(this.options);r.p(e),this.T(l),this._$AH=r}}_$AC(n){let e=Yl.get(n.strings);return e===void 0&&Yl.set(n.strings,e=new ci(n)),e}k(n){oa(this._$AH)||(this._$AH=[],this._$AR());let e=this._$AH,s,i=0;for(let r of n)i===e.length?e.push(s=new t(this.O(li()),this.O(li()),this,this.options)):s=e[i],s._$AI(r),i++;i<e.length&&(this._$AR(s&&s._$AB.nextSibling,i),e.length=i)}_$AR(n=this._$AA.nextSibling,e){for(this._$AP?.(!1,!0,e);n!==this._$AB;){let s=jl(n).nextSibling;jl(n).remove(),n=s}}setConnected(n){this._$AM===void 0&&(this._$Cv=n,this._$AP?.(n))}},Qs=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(n,e,s,i,r){this.type=1,this._$AH=y,this._$AN=void 0,this.element=n,this.name=e,this._$AM=i,this.options=r,s.length>2||s[0]!==""||s[1]!==""?(this._$AH=Array(s.length-1).fill(new String),this.strings=s):this._$AH=y}_$AI(n,e=this,s,i){let r=this.strings,l=!1;if(r===void 0)n=Ks(this,n,e,0),l=!oi(n)||n!==this._$AH&&n!==gs,l&&(this._$AH=n);else{let d=n,p,f;for(n=r[0],p=0;p<r.length-1;p++)f=Ks(this,d[s+p],e,p),f===gs&&(f=this._$AH[p]),l||=!oi(f)||f!==this._$AH[p],f===y?n=y:n!==y&&(n+=(f??"")+r[p+1]),this._$AH[p]=f}l&&!i&&this.j(n)}j(n){n===y?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,n??"")}},Xi=class extends Qs{constructor(){super(...arguments),this.type=3}j(n){this.element[this.name]=n===y?void 0:n}},er=class extends Qs{constructor(){super(...arguments),this.type=4}j(n){this.element.toggleAttribute(this.name,!!n&&n!==y)}},tr=class extends Qs{constructor(n,e,s,i,r){super(n,e,s,i,r),this.type=5}_$AI(n,e=this){if((n=Ks(this,n,e,0)??y)===gs)return;let s=this._$AH,i=n===y&&s!==y||n.capture!==s.capture||n.once!==s.once||n.passive!==s.passive,r=n!==y&&(s===y||i);i&&this.element.removeEventListener(this.name,this,s),r&&this.element.addEventListener(this.name,this,n),this._$AH=n}handleEvent(n){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,n):this._$AH.handleEvent(n)}},sr=class{constructor(n,e,s){this.element=n,this.type=6,this._$AN=void 0,this._$AM=e,this.options=s}get _$AU(){return this._$AM._$AU}_$AI(n){Ks(this,n)}},Xl={M:aa,P:ms,A:la,C:1,L:Zl,R:Zi,D:Jl,V:Ks,I:Rn,H:Qs,N:er,U:tr,B:Xi,F:sr},gp=ra.litHtmlPolyfillSupport;gp?.(ci,Rn),(ra.litHtmlVersions??=[]).push("3.3.3");var eo=(t,n,e)=>{let s=e?.renderBefore??n,i=s._$litPart$;if(i===void 0){let r=e?.renderBefore??null;s._$litPart$=i=new Rn(n.insertBefore(li(),r),r,void 0,e??{})}return i._$AI(t),i};var da=globalThis,Es=class extends fs{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let n=super.createRenderRoot();return this.renderOptions.renderBefore??=n.firstChild,n}update(n){let e=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(n),this._$Do=eo(e,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return gs}};Es._$litElement$=!0,Es.finalized=!0,da.litElementHydrateSupport?.({LitElement:Es});var vp=da.litElementPolyfillSupport;vp?.({LitElement:Es});(da.litElementVersions??=[]).push("4.2.2");var ie=t=>(n,e)=>{e!==void 0?e.addInitializer(()=>{customElements.define(t,n)}):customElements.define(t,n)};var bp={attribute:!0,type:String,converter:ri,reflect:!1,hasChanged:Ki},$p=(t=bp,n,e)=>{let{kind:s,metadata:i}=e,r=globalThis.litPropertyMetadata.get(i);if(r===void 0&&globalThis.litPropertyMetadata.set(i,r=new Map),s==="setter"&&((t=Object.create(t)).wrapped=!0),r.set(e.name,t),s==="accessor"){let{name:l}=e;return{set(d){let p=n.get.call(this);n.set.call(this,d),this.requestUpdate(l,p,t,!0,d)},init(d){return d!==void 0&&this.C(l,void 0,t,d),d}}}if(s==="setter"){let{name:l}=e;return function(d){let p=this[l];n.call(this,d),this.requestUpdate(l,p,t,!0,d)}}throw Error("Unsupported decorator location: "+s)};function ue(t){return(n,e)=>typeof e=="object"?$p(t,n,e):((s,i,r)=>{let l=i.hasOwnProperty(r);return i.constructor.createProperty(r,s),l?Object.getOwnPropertyDescriptor(i,r):void 0})(t,n,e)}function Ee(t){return ue({...t,state:!0,attribute:!1})}var Zs=(t,n,e)=>(e.configurable=!0,e.enumerable=!0,Reflect.decorate&&typeof n!="object"&&Object.defineProperty(t,n,e),e);function to(t,n){return(e,s,i)=>{let r=l=>l.renderRoot?.querySelector(t)??null;if(n){let{get:l,set:d}=typeof s=="object"?e:i??(()=>{let p=Symbol();return{get(){return this[p]},set(f){this[p]=f}}})();return Zs(e,s,{get(){let p=l.call(this);return p===void 0&&(p=r(this),(p!==null||this.hasUpdated)&&d.call(this,p)),p}})}return Zs(e,s,{get(){return r(this)}})}}function pa(t){let n=t.replace(/^#\/?/,""),e=n.indexOf("?"),s=e<0?n:n.slice(0,e),[i="",...r]=s.split("/").map(yp);return{page:i||"overview",rest:r,query:new URLSearchParams(e<0?"":n.slice(e+1))}}function yp(t){try{return decodeURIComponent(t)}catch{return t}}function W(t,n={}){let e=di(n);return`#/${t.map(encodeURIComponent).join("/")}${e}`}function di(t){let n=new URLSearchParams;for(let[s,i]of Object.entries(t))i!=null&&i!==""&&n.set(s,String(i));let e=n.toString();return e?`?${e}`:""}function vs(t){window.location.hash=t}function Dn(t,n){n&&vs(W(t,Object.fromEntries([...new FormData(n)].map(([e,s])=>[e,String(s).trim()]))))}var It=class{constructor(n){this.now=n;this.watchers=new Set}get value(){return this.now}set(n){n!==this.now&&(this.now=n,this.again())}again(){for(let n of[...this.watchers])n()}watch(n){return this.watchers.add(n),()=>this.watchers.delete(n)}},ls=class{constructor(n,e){this.host=n;this.store=e;n.addController(this)}get value(){return this.store.value}hostConnected(){this.stop=this.store.watch(()=>this.host.requestUpdate())}hostDisconnected(){this.stop?.()}};var Jt=class extends Error{constructor(e,s,i,r=[],l){super(s);this.status=e;this.title=s;this.detail=i;this.errors=r;this.retryAfter=l}},nr=new It(!0),so=()=>{};function no(t){so=t}async function ut(t,n,e,s){let i={method:t,headers:{accept:"application/json"},credentials:"same-origin"};s&&(i.signal=s),e!==void 0&&(i.body=JSON.stringify(e),i.headers={...i.headers,"content-type":"application/json"});let r,l;try{r=await fetch(n,i),l=await r.text()}catch(d){throw s?.aborted?d:(nr.set(!1),new Jt(0,"The daemon does not respond","It may have stopped, or be starting. This page keeps trying."))}if(nr.set(!0),r.ok)return{value:l===""?void 0:JSON.parse(l),text:l,status:r.status};throw r.status===401&&n!=="/v1/session"&&so(),wp(r,l)}function wp(t,n){let e=Number(t.headers.get("retry-after")??Number.NaN),s=Number.isFinite(e)?e:void 0;try{let i=JSON.parse(n),r=i.title??`The daemon returned ${t.status}`;return new Jt(t.status,r,i.detail??"",i.errors??[],s)}catch{return new Jt(t.status,`The daemon returned ${t.status}`,n.slice(0,500),[],s)}}async function oe(t,n={},e){return(await ut("GET",t+di(n),void 0,e)).value}async function lt(t,n={}){return(await ut("POST",t,n)).value}var Ue=encodeURIComponent;function Pt(t){return t instanceof Jt?t:new Jt(0,"This page failed",String(t))}var xp=/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;function Mt(t,n=300){return(t.length>n?`${t.slice(0,n)}…`:t).replace(xp,s=>`\\u{${s.codePointAt(0)?.toString(16)}}`)}function be(t,n=300){return Mt(t.replace(/\s+/g," "),n)}function io(t){return t.charAt(0).toUpperCase()+t.slice(1)+(/[.!?…]$/.test(t)?"":".")}function Z(t){return Math.round(t).toString().replace(/\B(?=(\d{3})+$)/g," ")}function Ye(t,n,e=`${n}s`){return`${Z(t)} ${t===1?n:e}`}function ui(t){let n=[[1e12,"T"],[1e9,"G"],[1e6,"M"],[1e3,"k"]];for(let[e,s]of n)if(Math.abs(t)>=e*.9995)return pi(t/e)+s;return pi(t)}function pi(t){let n=Math.abs(t),e=n>=99.95||Number.isInteger(t)?0:n>=9.995?1:2;return t.toFixed(e).replace(/(\.\d*?)0+$/,"$1").replace(/\.$/,"")}function bs(t){return t==null?"–":t>0&&t<.005?"<0.01":ui(t)}function Xs(t){if(t==null)return"–";let n=t*100,e=n===100||n===0?n.toFixed(0):n.toFixed(n>99?2:1);return`${e==="100.00"?"99.99":e.replace(/\.0$/,"")} %`}function $t(t){return t==null?"–":t<1e3?`${pi(t<.1&&t>0?.1:Math.round(t*10)/10)} ms`:t<6e4?`${pi(t/1e3)} s`:Ln(t/1e3)}function Ln(t){let n=[[86400,"d"],[3600,"h"],[60,"min"],[1,"s"]],e=Math.max(0,Math.round(t)),s=[];for(let[i,r]of n){let l=Math.floor(e/i);if(e-=l*i,l>0)s.push(`${l} ${r}`);else if(s.length>0)break;if(s.length===2)break}return s.join(" ")||"0 s"}function Ps(t){let n=["B","KiB","MiB","GiB","TiB"],e=t,s=0;for(;e>=1024&&s<n.length-1;)e/=1024,s+=1;return`${pi(e)} ${n[s]}`}var ua=t=>t.toString().padStart(2,"0");function ro(t,n){let e=new Date(t);if(Number.isNaN(e.getTime()))return Mt(t,40);let s=`${ua(e.getHours())}:${ua(e.getMinutes())}`;if(e.toDateString()===n.toDateString())return`${s}:${ua(e.getSeconds())}`;let i=["Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"][e.getMonth()],r=e.getFullYear()===n.getFullYear()?"":` ${e.getFullYear()}`;return`${e.getDate()} ${i}${r} ${s}`}function ha(t,n){let e=(n.getTime()-new Date(t).getTime())/1e3;if(Number.isNaN(e))return Mt(t,40);if(Math.abs(e)<1)return"now";let[s]=Ln(Math.abs(e)).split(" ");return e>0?`${s} ago`:`in ${s}`}function fa(t){return t.replace(/,/g,"")}function hi(t){return t?t.slice(0,12):"–"}var Ct=new It({state:"idle",messages:0}),kp=5e3,ir=new Set,$s,ma,ao;function Nn(t){return ir.add(t),rr(),()=>{ir.delete(t),setTimeout(rr,0)}}function rr(){let t=ir.size>0&&!document.hidden;t&&!$s?Sp():!t&&$s&&lo("idle")}function Sp(){clearTimeout(ao),Ct.set({...Ct.value,state:"connecting"}),$s=new EventSource(`/v1/events/stream${ma===void 0?"":`?after=${encodeURIComponent(ma)}`}`),$s.addEventListener("open",()=>Ct.set({...Ct.value,state:"open"})),$s.addEventListener("error",()=>{$s?.readyState===EventSource.CLOSED?(lo("broken"),ao=setTimeout(rr,kp)):Ct.set({...Ct.value,state:"connecting"})});for(let t of["event","settled","gap"])$s.addEventListener(t,n=>{n.lastEventId!==""&&(ma=n.lastEventId),Ct.set({...Ct.value,messages:Ct.value.messages+1});for(let e of[...ir])e(t,n.data)})}function lo(t){$s?.close(),$s=void 0,Ct.set({...Ct.value,state:t})}document.addEventListener("visibilitychange",rr);var J=class{constructor(n,e,s){this.host=n;this.fetch=e;this.every=s;this.wanted=!1;this.connected=!1;this.seen=()=>{document.hidden?clearTimeout(this.timer):this.every!==void 0&&this.load()};n.addController(this)}hostConnected(){this.connected=!0,document.addEventListener("visibilitychange",this.seen),this.load()}hostDisconnected(){this.connected=!1,document.removeEventListener("visibilitychange",this.seen),clearTimeout(this.timer),this.running?.abort(),this.running=void 0}restart(){this.running?.abort(),this.running=void 0,this.value=void 0,this.problem=void 0,this.load()}async load(){if(this.running){this.wanted=!0;return}clearTimeout(this.timer);let n=new AbortController;this.running=n;try{let e=await this.fetch(n.signal);if(this.running!==n)return;this.value=e,this.problem=void 0,this.at=new Date}catch(e){if(this.running!==n)return;this.problem=Pt(e)}this.running=void 0,this.host.requestUpdate(),this.wanted?(this.wanted=!1,this.load()):this.connected&&this.every!==void 0&&!document.hidden&&(this.timer=setTimeout(()=>{this.load()},this.every))}};var os=new It({state:"asking"});no(()=>os.set({state:"out",ended:!0}));async function ga(){try{let{value:t}=await ut("GET","/v1/session");os.set({state:"in",who:t})}catch(t){let n=Pt(t);os.set(n.status===401?{state:"out",ended:!1}:{state:"failed",problem:n})}}async function oo(t){if(await lt("/v1/session",{token:t}),await ga(),os.value.state==="out")throw new Jt(0,"The browser did not keep the session","Allow cookies for this site, then sign in again.")}async function co(){try{await ut("DELETE","/v1/session"),os.set({state:"out",ended:!1})}catch(t){os.set({state:"failed",problem:Pt(t)})}}function en(t,n){let e=os.value;if(e.state!=="in")return"Sign in first.";let{name:s,scopes:i,channels:r}=e.who;if(!i.includes(t))return`The token ${s??""} lacks the scope ${t}.`;if(n!==void 0&&r&&!r.includes(n))return`The token ${s??""} is not for the channel ${n}.`}function po(){let t=os.value;if(!(t.state!=="in"||!t.who.channels))return`The token ${t.who.name??""} is only for the channels ${t.who.channels.join(", ")}.`}var va="fanfare-theme";function _p(){try{let t=localStorage.getItem(va);return t==="light"||t==="dark"?t:"system"}catch{return"system"}}var tn=new It(_p());function uo(t){try{t==="system"?localStorage.removeItem(va):localStorage.setItem(va,t)}catch{}ho(t),tn.set(t)}function ho(t){t==="system"?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=t}ho(tn.value);matchMedia("(prefers-color-scheme: dark)").addEventListener("change",()=>tn.again());var Tp={overview:ae`<path d="M3 10.500 8 4l5 6.500M3 13h10"/>`,events:ae`<path d="M2.500 4h11M2.500 8h11M2.500 12h7"/>`,channels:ae`<circle cx="3.500" cy="8" r="1.500"/><path d="M5 8h2.500m0 0C10 8 9.500 3.500 13.500 3.500M7.500 8h6M7.500 8c2.500 0 2 4.500 6 4.500"/>`,letters:ae`<path d="M2.500 4h11v8h-11zM2.500 4.500 8 9l5.500-4.500"/>`,plugins:ae`<path d="M6 2.500v3M10 2.500v3M4 5.500h8V8a4 4 0 0 1-8 0zM8 12v2"/>`,schemas:ae`<path d="M6 2.500C4 2.500 5 7 3 8c2 1 1 5.500 3 5.500M10 2.500c2 0 1 4.500 3 5.500-2 1-1 5.500-3 5.500"/>`,recipients:ae`<circle cx="8" cy="5.500" r="2.500"/><path d="M3 13.500c.5-3 2.500-4 5-4s4.500 1 5 4"/>`,config:ae`<path d="M3 4.500h6M12 4.500h1M3 11.500h1M7 11.500h6"/><circle cx="10.500" cy="4.500" r="1.500"/><circle cx="5.500" cy="11.500" r="1.500"/>`,audit:ae`<path d="M3.500 2.500h9v11h-9zM6 5.500h4M6 8h4M6 10.500h2"/>`,success:ae`<path d="m3 8.500 3.200 3.200L13 5"/>`,failed:ae`<path d="m4 4 8 8M12 4l-8 8"/>`,pending:ae`<circle cx="8" cy="8" r="5.300"/><path d="M8 5v3.200l2 1.300"/>`,skipped:ae`<path d="M3 8h10M10 5l3 3-3 3"/>`,partial:ae`<circle cx="8" cy="8" r="5.300"/><path d="M8 2.700v10.600"/><path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor"/>`,none:ae`<path d="M4 8h8"/>`,pause:ae`<path d="M5.500 3.500v9M10.500 3.500v9"/>`,play:ae`<path d="M5 3.500 12 8l-7 4.500z"/>`,test:ae`<path d="M9 2 4 9h4l-1 5 5-7H8z"/>`,again:ae`<path d="M13 8a5 5 0 1 1-1.500-3.500M13 2.500V5h-2.500"/>`,trash:ae`<path d="M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.5 9h6l.5-9"/>`,search:ae`<circle cx="7" cy="7" r="4"/><path d="m10 10 3.500 3.500"/>`,close:ae`<path d="m4 4 8 8M12 4l-8 8"/>`,menu:ae`<path d="M2.500 4.500h11M2.500 8h11M2.500 11.500h11"/>`,sun:ae`<circle cx="8" cy="8" r="3"/><path d="M8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1"/>`,moon:ae`<path d="M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z"/>`,system:ae`<path d="M2.500 3.500h11v7.500h-11zM6 13.500h4"/>`,warning:ae`<path d="M8 2.500 14 13H2zM8 6.500v3M8 11v.5"/>`,copy:ae`<path d="M5.500 5.500h8v8h-8zM3 10.500H2.500v-8h8V3"/>`,right:ae`<path d="m6 3.500 4.500 4.500L6 12.500"/>`,out:ae`<path d="M6 3H3v10h3M7 8h6M10.500 5.500 13 8l-2.500 2.500"/>`};function q(t){return o`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${Tp[t]}</svg>`}var te=class extends Es{createRenderRoot(){return this}};var Ap={0:"Check that the daemon runs: fanfare status.",403:"Use a token with the scope that this needs.",429:"Wait a moment.",503:"The daemon is busy. This page keeps trying."};function X(t){if(!t)return y;let n=t.retryAfter?`Try again in ${Ln(t.retryAfter)}.`:Ap[t.status];return o`<div class="problem" role="alert">
    ${q("warning")}
    <div>
      <strong>${be(t.title,200)}</strong>
      ${t.detail?o`<p>${io(Mt(t.detail,2e3))}</p>`:y}
      ${t.errors.length>0?o`<ul>
              ${t.errors.slice(0,20).map(e=>o`<li><code>${be(e.pointer,100)}</code> ${be(e.detail)}</li>`)}
            </ul>`:y}
      ${n?o`<p class="faint">${n}</p>`:y}
    </div>
  </div>`}function Ve(t,n){return o`<div class="empty">
    <strong>${t}</strong>
    <div>${n}</div>
  </div>`}function _e(){return o`<div class="loading" role="status">Loading …</div>`}var fi=class{constructor(n){this.question=n}},Kt=class extends te{constructor(){super(...arguments);this.busy=!1;this.reason="";this.typed="";this.back=null;this.enter=e=>{e.key==="Enter"&&this.querySelector("[data-confirm]")?.click()};this.act=async()=>{let e=this.question;if(!(!e||this.busy)){this.busy=!0,this.problem=void 0;try{let s=await e.act(this.reason.trim());s instanceof fi?await this.show(s.question):(this.box.close(),ba(s))}catch(s){this.problem=Pt(s)}this.busy=!1}};this.closed=()=>{this.question=void 0,this.back instanceof HTMLElement&&this.back.isConnected&&this.back.focus()}}ask(e){this.back=document.activeElement,this.show(e)}async show(e){if(this.question=e,this.counted=void 0,this.problem=void 0,this.busy=!1,this.reason="",this.typed="",await this.updateComplete,this.box.open||this.box.showModal(),!!e.count)try{let s=await e.count();this.question===e&&(this.counted=s)}catch(s){this.problem=Pt(s)}}render(){let e=this.question,s=e?.count!==void 0&&this.counted===void 0,i=this.counted?.matched===0,r=e?.phrase!==void 0&&this.typed.trim()!==e.phrase;return o`<dialog aria-labelledby="question" @close=${this.closed}>
      ${e?o`<h2 id="question">${e.title}</h2>
              <div class="body">${e.body}</div>
              ${e.count?o`<p class="count" role="status">
                      ${this.counted?this.counted.sentence:this.problem?"":"Counting …"}
                    </p>`:y}
              ${e.reason?o`<label class="field"
                      >${e.reason}
                      <input
                        maxlength="1000"
                        .value=${this.reason}
                        @input=${l=>this.reason=fo(l)}
                        @keydown=${this.enter}
                      />
                    </label>`:y}
              ${e.phrase&&!i?o`<label class="field"
                      >Type <b>${e.phrase}</b> to go on
                      <input
                        autocomplete="off"
                        spellcheck="false"
                        .value=${this.typed}
                        @input=${l=>this.typed=fo(l)}
                        @keydown=${this.enter}
                      />
                    </label>`:y}
              ${X(this.problem)}
              <div class="buttons">
                <button @click=${()=>this.box.close()}>${e.close??"Cancel"}</button>
                <button
                  class="${e.danger?"danger":"primary"}"
                  data-confirm
                  ?disabled=${s||i||r||this.busy}
                  @click=${this.act}
                >
                  ${this.busy?"Working …":e.action}
                </button>
              </div>`:y}
    </dialog>`}};E([Ee()],Kt.prototype,"question",2),E([Ee()],Kt.prototype,"counted",2),E([Ee()],Kt.prototype,"problem",2),E([Ee()],Kt.prototype,"busy",2),E([Ee()],Kt.prototype,"reason",2),E([Ee()],Kt.prototype,"typed",2),E([to("dialog")],Kt.prototype,"box",2),Kt=E([ie("ff-dialog")],Kt);function fo(t){return t.target.value}function ht(t){document.querySelector("ff-dialog")?.ask(t)}var On=new It([]),Ep=0;function ba(t){let n=Ep+=1;On.set([...On.value.slice(-2),{id:n,text:t}]),setTimeout(()=>mo(n),8e3)}function mo(t){On.set(On.value.filter(n=>n.id!==t))}function go(t){return o`<div class="notices" role="status" aria-live="polite">
    ${t.map(({id:n,text:e})=>o`<div class="notice">
          ${q("success")}<span>${e}</span>
          <button class="quiet" aria-label="Dismiss" @click=${()=>mo(n)}>${q("close")}</button>
        </div>`)}
  </div>`}var vo={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},bo=t=>(...n)=>({_$litDirective$:t,values:n}),ar=class{constructor(n){}get _$AU(){return this._$AM._$AU}_$AT(n,e,s){this._$Ct=n,this._$AM=e,this._$Ci=s}_$AS(n,e){return this.update(n,e)}update(n,e){return this.render(...e)}};var{I:Pp}=Xl,$o=t=>t;var yo=()=>document.createComment(""),qn=(t,n,e)=>{let s=t._$AA.parentNode,i=n===void 0?t._$AB:n._$AA;if(e===void 0){let r=s.insertBefore(yo(),i),l=s.insertBefore(yo(),i);e=new Pp(r,l,t,t.options)}else{let r=e._$AB.nextSibling,l=e._$AM,d=l!==t;if(d){let p;e._$AQ?.(t),e._$AM=t,e._$AP!==void 0&&(p=t._$AU)!==l._$AU&&e._$AP(p)}if(r!==i||d){let p=e._$AA;for(;p!==r;){let f=$o(p).nextSibling;$o(s).insertBefore(p,i),p=f}}}return e},Ms=(t,n,e=t)=>(t._$AI(n,e),t),Mp={},wo=(t,n=Mp)=>t._$AH=n,xo=t=>t._$AH,lr=t=>{t._$AR(),t._$AA.remove()};var ko=(t,n,e)=>{let s=new Map;for(let i=n;i<=e;i++)s.set(t[i],i);return s},So=bo(class extends ar{constructor(t){if(super(t),t.type!==vo.CHILD)throw Error("repeat() can only be used in text expressions")}dt(t,n,e){let s;e===void 0?e=n:n!==void 0&&(s=n);let i=[],r=[],l=0;for(let d of t)i[l]=s?s(d,l):l,r[l]=e(d,l),l++;return{values:r,keys:i}}render(t,n,e){return this.dt(t,n,e).values}update(t,[n,e,s]){let i=xo(t),{values:r,keys:l}=this.dt(n,e,s);if(!Array.isArray(i))return this.ut=l,r;let d=this.ut??=[],p=[],f,v,m=0,$=i.length-1,k=0,A=r.length-1;for(;m<=$&&k<=A;)if(i[m]===null)m++;else if(i[$]===null)$--;else if(d[m]===l[k])p[k]=Ms(i[m],r[k]),m++,k++;else if(d[$]===l[A])p[A]=Ms(i[$],r[A]),$--,A--;else if(d[m]===l[A])p[A]=Ms(i[m],r[A]),qn(t,p[A+1],i[m]),m++,A--;else if(d[$]===l[k])p[k]=Ms(i[$],r[k]),qn(t,i[m],i[$]),$--,k++;else if(f===void 0&&(f=ko(l,k,A),v=ko(d,m,$)),f.has(d[m]))if(f.has(d[$])){let O=v.get(l[k]),F=O!==void 0?i[O]:null;if(F===null){let G=qn(t,i[m]);Ms(G,r[k]),p[k]=G}else p[k]=Ms(F,r[k]),qn(t,i[m],F),i[O]=null;k++}else lr(i[$]),$--;else lr(i[m]),m++;for(;k<=A;){let O=qn(t,p[A+1]);Ms(O,r[k]),p[k++]=O}for(;m<=$;){let O=i[m++];O!==null&&lr(O)}return this.ut=l,wo(t,p),gs}});function _o(t,n){let e=/^(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)$/.exec(t.trim());if(e){let i={s:1,m:60,min:60,h:3600,d:86400,w:604800}[e[2]];return new Date(n.getTime()-Number(e[1])*i*1e3).toISOString()}let s=/^\d{4}-\d\d-\d\d/.test(t.trim())?new Date(t.trim()):void 0;return s&&!Number.isNaN(s.getTime())?s.toISOString():t.trim()||void 0}function $a(t,n,e){let s=Object.fromEntries(n.map(i=>[i,t.get(i)]));return s.since=_o(t.get("since")??"",e),s.until=_o(t.get("until")??"",e),s}function To(t,n){return $a(t,["type","status","channel","source"],n)}function or(t,n){return $a(t,["channel","type","class","code"],n)}function Ao(t,n){return $a(t,["who","what"],n)}function Eo(t){let n=Object.entries(t).filter(([,e])=>e!=null&&e!=="");return n.length===0?{all:!0}:Object.fromEntries(n)}function cr(t){return Object.entries(t).filter(([,e])=>e!=null&&e!=="").map(([e,s])=>`${e} ${String(s)}`).join(", ")}function Po(t){let n=new Map;for(let e of t){let s=JSON.stringify([e.channel,e.class,e.code]),i=n.get(s)??{channel:e.channel,class:e.class,code:e.code,items:[]};i.items.push(e),n.set(s,i)}return[...n.values()].sort((e,s)=>s.items.length-e.items.length||(e.code<s.code?-1:1))}function*Mo(t){let n=/("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|([{}[\],:])|(\s+)|([^\s{}[\],:"]+|")/gs;for(let e of t.matchAll(n)){let[s,i,r,l,d]=e;i!==void 0?yield{kind:"string",text:s}:r!==void 0?yield{kind:"number",text:s}:l!==void 0?yield{kind:"mark",text:s}:d!==void 0?yield{kind:"space",text:s}:yield{kind:"word",text:s}}}function Co(t){let n=[...Mo(t)].filter(r=>r.kind!=="space"),e=[],s=0,i=()=>e.push({kind:"space",text:`
${"  ".repeat(s)}`});return n.forEach((r,l)=>{let d=n[l+1];switch(r.text){case"{":case"[":{e.push({kind:"mark",text:r.text});let p=r.text==="{"?"}":"]";d?.text!==p&&(s+=1,i());break}case"}":case"]":{n[l-1]?.text!==(r.text==="}"?"{":"[")&&(s=Math.max(0,s-1),i()),e.push(r);break}case",":e.push(r),i();break;case":":e.push(r,{kind:"space",text:" "});break;default:e.push(r.kind==="string"&&d?.text===":"?{kind:"name",text:r.text}:r)}}),e}function Cs(t,n){let e=0,s=0,i=!1,r,l;for(let d of Mo(t)){let{kind:p}=d,f=s+d.text.length;if(p==="mark"&&(d.text==="}"||d.text==="]")&&(e-=1),r!==void 0&&(e===1&&d.text===","&&p==="mark"||e===0))return t.slice(r,s).trim();if(e===1&&p==="string"&&r===void 0&&(l=d.text),e===1&&p==="mark"&&d.text===":"&&l!==void 0&&r===void 0){try{i=JSON.parse(l)===n}catch{i=!1}i&&(r=f),l=void 0}p==="mark"&&(d.text==="{"||d.text==="[")&&(e+=1),s=f}}var Ro=2e4,Rs=class extends te{constructor(){super(...arguments);this.text="";this.label="Data";this.whole=!1;this.copied=!1}render(){let e=this.text.length>Ro,s=e&&!this.whole?this.text.slice(0,Ro):this.text;return o`<div class="payload">
      <button class="quiet copy" @click=${this.copy} aria-label=${`Copy: ${this.label}`}>
        ${q(this.copied?"success":"copy")}<span aria-live="polite">${this.copied?"Copied":"Copy"}</span>
      </button>
      <pre
        tabindex="0"
        role="region"
        aria-label=${`${this.label} as JSON`}
        dir="ltr"
      ><code>${Co(s).map(Cp)}</code></pre>
      ${e&&!this.whole?o`<button class="quiet" @click=${()=>this.whole=!0}>Show all ${Ps(this.text.length)}</button>`:y}
    </div>`}async copy(){try{await navigator.clipboard.writeText(this.text),this.copied=!0,setTimeout(()=>this.copied=!1,1500)}catch{}}};E([ue()],Rs.prototype,"text",2),E([ue()],Rs.prototype,"label",2),E([Ee()],Rs.prototype,"whole",2),E([Ee()],Rs.prototype,"copied",2),Rs=E([ie("ff-payload")],Rs);function Cp({kind:t,text:n}){let e=Mt(n,Number.POSITIVE_INFINITY);return t==="space"||t==="mark"?e:o`<span class="json-${t}">${e}</span>`}function _(t,n=300){return o`<bdi class="said" title=${Mt(t??"",2e3)}>${be(t??"",n)}</bdi>`}function B(t,n=120){return o`<bdi class="mono said" title=${Mt(t??"",2e3)}>${be(t??"",n)}</bdi>`}function Ne(t){return t?o`<time datetime=${t} title="${t}, ${ha(t,new Date)}">${ro(t,new Date)}</time>`:o`<span class="faint">–</span>`}function Be(t){return t?o`<time datetime=${t} title=${t}>${ha(t,new Date)}</time>`:o`<span class="faint">–</span>`}var Do={success:["ok","success","delivered"],failed:["bad","failed","failed"],pending:["wait","pending","pending"],skipped:["quiet","skipped","skipped"],partial:["warn","partial","partial"],unrouted:["quiet","none","unrouted"],cancelled:["quiet","close","cancelled"]};function mi(t){let[n,e,s]=Do[t]??["quiet","none",t];return o`<span class="status ${n}">${q(e)}${s}</span>`}var Rp={active:["ok","success"],missing:["bad","none"],failed:["bad","failed"],paused:["wait","pause"],suspended:["warn","warning"],open:["warn","warning"],unconfigured:["quiet","config"],running:["wait","again"],done:["ok","success"],finished:["ok","success"],cancelled:["quiet","close"],ok:["ok","success"],rejected:["bad","failed"],refused:["bad","failed"]};function We(t){let[n,e]=Rp[t]??["quiet","none"];return o`<span class="status ${n}">${q(e)}${t}</span>`}function Lo(t,n,e){let[s,i,r]=Do[n]??["quiet","none",n];return o`<a class="chip ${s}" href=${W(["channels",t])} title=${Mt(e,1e3)}
    >${q(i)}<bdi>${be(t,40)}</bdi><span class="hidden">: ${r}</span></a
  >`}function Ze(t,n){return o`<span class="fault"
    ><span class="class">${be(t,40)}</span>${n?o` ${B(n,60)}`:""}</span
  >`}function dr(t){let n=t.split("_");return o`<code>${n.map((e,s)=>s===0?e:o`_<wbr />${e}`)}</code>`}var Dp=50,No=120,Lp=["who","what","since","until"],gi=class extends te{constructor(){super(...arguments);this.query=new URLSearchParams;this.page=new J(this,e=>this.load(e),5e3);this.filter=e=>{e.preventDefault(),Dn(["audit"],this.querySelector("form"))}}load(e){let s=this.query.get("after"),i={...Ao(this.query,new Date),order:"newest",limit:Dp,after:s};return oe("/v1/audit",i,e)}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&this.page.restart()}render(){let e=this.page.value;return o`<div class="head">
        <h1>Audit trail</h1>
        ${this.query.has("after")?o`<a class="button" href=${this.href({after:void 0})}>Back to the newest</a>`:y}
      </div>
      ${this.filters(e)} ${X(this.page.problem)}
      ${e?e.acts.length===0?Ve("No act matches.",o`<a href="#/audit">Show all acts</a>`):this.table(e):this.page.problem?y:_e()}`}filters(e){let s=l=>this.query.get(l)??"",i=(l,d)=>o`<datalist id=${l}>
        ${[...new Set(d)].map(p=>o`<option value=${p}></option>`)}
      </datalist>`,r=e?.acts??[];return o`<form class="filters" role="search" aria-label="Filter acts" @submit=${this.filter}>
      <label
        >Who <input name="who" .value=${s("who")} placeholder="a token's name" list="who" @change=${this.filter}
      /></label>
      <label
        >What <input name="what" .value=${s("what")} placeholder="pauseChannel" list="what" @change=${this.filter}
      /></label>
      <label
        >Since <input name="since" .value=${s("since")} placeholder="1d, or a time" @change=${this.filter}
      /></label>
      <label>Until <input name="until" .value=${s("until")} placeholder="a time" @change=${this.filter} /></label>
      ${i("who",r.map(({who:l})=>l))}
      ${i("what",r.map(({what:l})=>l))}
      <button>${q("search")}Filter</button>
      ${Lp.some(l=>this.query.has(l))?o`<a class="button quiet" href="#/audit">${q("close")}Clear</a>`:y}
    </form>`}href(e){return W(["audit"],{...Object.fromEntries(this.query),...e})}table(e){return o`<div class="scroll" role="region" aria-label="Acts, newest first" tabindex="0">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">Parameters</th>
              <th scope="col">From</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            ${So(e.acts,s=>s.id,s=>this.row(s))}
          </tbody>
        </table>
      </div>
      <div class="pager">
        ${e.next===null||e.next===void 0?y:o`<a class="button" href=${this.href({after:e.next})}>Older ${q("right")}</a>`}
      </div>`}row(e){let s=o`<span class="faint">–</span>`;return o`<tr>
      <td data-label="When" class="narrow">${Ne(e.at)}</td>
      <td data-label="Who" class="name">
        <a href=${this.href({who:e.who,after:void 0})}>${_(e.who,60)}</a>
      </td>
      <th scope="row" class="long">
        <a href=${this.href({what:e.what,after:void 0})}>${_(e.what,60)}</a>
        ${e.target?o`<div class="faint">${B(e.target,120)}</div>`:y}
      </th>
      <td data-label="Parameters" class="text">${Np(e)}</td>
      <td data-label="From" class="narrow">${e.from?B(e.from,60):s}</td>
      <td data-label="Outcome">${Op(e.outcome)}</td>
    </tr>`}};E([ue({attribute:!1})],gi.prototype,"query",2),gi=E([ie("ff-audit")],gi);function Np({id:t,details:n}){let e=JSON.stringify(n??{});return e==="{}"?o`<span class="faint">–</span>`:e.length<=No?B(e):o`<details>
        <summary>${B(e,No)}</summary>
        <ff-payload .text=${e} label="Parameters of act ${t}"></ff-payload>
      </details>`}function Op(t){return t?/^\d+$/.test(t)?o`<span class="status bad">${q("failed")}${t}</span>`:We(t):o`<span title="It has not ended, or a crash interrupted it.">${We("unknown")}</span>`}var Oo={replay:"replay",manual:"redriven",fallback:"as a fallback"};function qp(t,n){let e=Object.entries(t).flatMap(([s,i])=>i.map(r=>({at:r.started,channel:s,attempt:r})));for(let[s,i]of Object.entries(n))if(i.skipped_replay){let{at:r,reason:l,detail:d}=i.skipped_replay;e.push({at:r,channel:s,skipped:{reason:l,detail:d,again:" (replay)"}})}else if(i.status==="skipped"){let r=i.fallback_for?" (as a fallback)":"";e.push({at:i.timestamp,channel:s,skipped:{reason:i.reason??"",detail:i.detail??"",again:r}})}return e.sort((s,i)=>Date.parse(s.at)-Date.parse(i.at)||(s.attempt?.number??0)-(i.attempt?.number??0))}function qo(t){let{attempts:n={},stages:e=[],result:s}=t,i=Date.parse(s.broadcast_at),r=l=>`+${$t(Math.max(0,Date.parse(l)-i))}`;return o`<ol class="timeline">
    ${e.map(l=>o`<li class=${l.class?"bad":"quiet"}>
          <span class="mark">${q(l.class?"failed":"none")}</span>
          <div class="step">
            <div class="step-head">
              <b>stage ${_(l.stage,60)}</b> <span>${l.did}</span>
              <span class="cost">${$t(l.duration_ms)}</span>
            </div>
            ${l.changed?.length?o`<div class="faint">changed ${l.changed.slice(0,20).map(d=>o`${B(d)} `)}</div>`:y}
            ${l.class?o`<div>${Ze(l.class,l.code??"")} ${_(l.reason,500)}</div>`:y}
          </div>
        </li>`)}
    <li class="begin">
      <span class="mark">${q("right")}</span>
      <div class="step">
        <div class="step-head"><b>accepted</b> ${Ne(s.broadcast_at)}</div>
      </div>
    </li>
    ${qp(n,s.channels).map(l=>zp(l,r))}
    ${Object.entries(s.channels).filter(([,l])=>l.status==="pending").map(([l,d])=>o`<li class="wait">
            <span class="mark">${q("pending")}</span>
            <div class="step">
              <div class="step-head">
                <b><a href=${W(["channels",l])}>${_(l,60)}</a></b> ${ya(d)}
              </div>
            </div>
          </li>`)}
  </ol>`}function ya(t){let n=t.until??t.next_attempt_at;return t.waiting_for?o`<span>waits for ${t.waiting_for}${n?o`, continues ${Be(n)}`:y}</span>`:o`<span>is due, or being attempted</span>`}function zp(t,n){let{attempt:e,skipped:s,channel:i,at:r}=t,l=s?"quiet":e?.class?"bad":"ok";return o`<li class=${l}>
    <span class="mark">${q(s?"skipped":e?.class?"failed":"success")}</span>
    <div class="step">
      <div class="step-head">
        <b><a href=${W(["channels",i])}>${_(i,60)}</a></b>
        ${e?o`<span>${e.class?"failed":"delivered"}</span>`:o`<span>skipped${s?.again}</span>`}
        ${e?o`<span class="faint">attempt ${e.number}${Oo[e.trigger]?`, ${Oo[e.trigger]}`:""}</span>`:y}
        <time class="faint" datetime=${r} title=${r}>${n(r)}</time>
      </div>
      ${e?wa(e):o`<div>${B(s?.reason)} ${_(s?.detail,500)}</div>`}
    </div>
  </li>`}function wa(t){return o`${t.class?o`<div class="why">${Ze(t.class,t.code??"")} ${_(t.error,1e3)}</div>`:y}
  ${xa(t)} ${ka(t.trace)}`}function xa(t){return o`<dl class="costs">
    <div>
      <dt>took</dt>
      <dd>${$t(t.duration_ms)}</dd>
    </div>
    <div>
      <dt>fuel</dt>
      <dd title=${t.fuel}>${ui(t.fuel)}</dd>
    </div>
    <div>
      <dt>memory</dt>
      <dd title=${`${t.memory} bytes`}>${Ps(t.memory)}</dd>
    </div>
    ${t.plugin===void 0?y:o`<div>
            <dt>plugin</dt>
            <dd>${B(t.plugin,16)}</dd>
          </div>`}
  </dl>`}function ka(t){return t?.length?o`<pre class="trace" tabindex="0" role="region" aria-label="What the plugin logged">
${t.map(n=>`${Mt(n,2e3)}
`)}</pre>`:y}function ke(t,n,e,s,i={}){let r=en(e,i.channel)??i.off;return o`<button
    class=${i.danger?"danger-quiet":""}
    ?disabled=${r!==void 0}
    title=${r??i.label??""}
    aria-label=${i.label??t}
    @click=${s}
  >
    ${q(n)}${t}
  </button>`}var zo=t=>o`<a href=${W(["dead-letters"])}>job ${t}</a>`;function pr(t,n){ht({title:`Pause ${be(t.name,60)}?`,body:"No attempts are made until it is resumed. Events are still accepted for it and kept.",count:async()=>({matched:1,sentence:`${Ye(t.pending,"delivery","deliveries")} pending, ${t.in_flight} in flight; those in flight will finish.`}),reason:"Reason, shown to other operators",action:"Pause",danger:!0,act:async e=>(await lt(`/v1/channels/${Ue(t.name)}/pause`,{reason:e}),n(),`${be(t.name,60)} is paused.`)})}function ur(t,n){ht({title:`Resume ${be(t.name,60)}?`,body:"Pending deliveries are attempted again.",count:async()=>({matched:1,sentence:`${Ye(t.pending,"delivery","deliveries")} pending.`}),action:"Resume",act:async()=>(await lt(`/v1/channels/${Ue(t.name)}/resume`),n(),`${be(t.name,60)} is resumed.`)})}function hr(t){ht({title:`Test ${be(t,60)}?`,body:o`Sends one sample event to this channel only. <b>Its receiver gets it</b>; nothing is recorded.`,action:"Send the sample",act:()=>Ho(t)})}async function Ho(t){let n=await lt(`/v1/channels/${Ue(t)}/test`);return new fi({title:n.status==="success"?`${be(t,60)} delivered the sample`:`${be(t,60)} failed`,body:o`${n.class?o`<p>${Ze(n.class,n.code??"")} ${_(n.error,1e3)}</p>`:y}
    ${xa(n)} ${ka(n.trace)}`,close:"Close",action:"Send another",act:()=>Ho(t)})}function Vo(t,n){ht({title:`Forget ${be(t,60)}?`,body:"The channel is no longer configured. Its pending deliveries end as dead letters.",count:async()=>{let{pending:e}=await lt(`/v1/channels/${Ue(t)}/forget`,{dry_run:!0});return{matched:e,sentence:`${Ye(e,"pending delivery ends","pending deliveries end")}.`}},phrase:"forget",action:"Forget",danger:!0,act:async()=>{let{ended:e}=await lt(`/v1/channels/${Ue(t)}/forget`,{dry_run:!1});return n(),`${Ye(e,"delivery","deliveries")} ended.`}})}function cs(t,n,e){let s=Eo(n),i=cr(n),r=`/v1/dead-letters/${t}`;ht({title:t==="replay"?"Redrive dead letters?":"Purge dead letters?",body:o`<p>${i?o`Those with ${_(i,300)}.`:"All of them."}</p>
      <p>
        ${t==="replay"?"Each begins another round of attempts under the same delivery id. A job does the work and never delays live events.":"Purged dead letters are deleted and cannot be redriven."}
      </p>`,count:async()=>{let{matched:l}=await lt(r,{...s,dry_run:!0}),d=t==="replay"?["is redriven","are redriven"]:["is purged","are purged"];return{matched:l,sentence:l===0?"No dead letter matches.":`${Ye(l,"dead letter")} ${d[l===1?0:1]}.`}},...t==="purge"?{phrase:"purge"}:{},action:t==="replay"?"Redrive":"Purge",danger:t==="purge",act:async()=>{let l=await lt(r,{...s,dry_run:!1});return e(),o`${Ye(l.matched,"dead letter")}: ${zo(l.replay)} works through them.`}})}function Io(t,n,e){let s={after:t.offset-1,until:t.offset,channels:[n]};ht({title:`Replay this event to ${be(n,60)}?`,body:"The channel gets it again under the same delivery id, so its receiver may recognize and ignore it.",count:async()=>{let{matched:i}=await lt("/v1/replays",{...s,dry_run:!0});return{matched:i,sentence:`${Ye(i,"event")} is replayed.`}},action:"Replay",act:async()=>{let i=await lt("/v1/replays",s);return e(),o`${zo(i.id)} replays it.`}})}function jo(t,n,e){ht({title:`Drop the delivery to ${be(n,60)}?`,body:"The delivery ends now, as a dead letter with your reason.",reason:"Reason (required)",action:"Drop",danger:!0,act:async s=>(await lt(`/v1/deliveries/${Ue(t)}/drop`,{reason:s}),e(),"It is a dead letter now.")})}var Hp="uplot",Vp="u-hz",Ip="u-vt",jp="u-title",Fp="u-wrap",Up="u-under",Wp="u-over",Bp="u-axis",rn="u-off",Gp="u-select",Yp="u-cursor-x",Jp="u-cursor-y",Kp="u-cursor-pt",Qp="u-legend",Zp="u-live",Xp="u-inline",eu="u-series",tu="u-marker",Fo="u-label",su="u-value",bi="width",$i="height";var Uo="bottom",zn="left",Sa="right",Ia="#000",Wo=Ia+"0",_a="mousemove",Bo="mousedown",Ta="mouseup",Go="mouseenter",Yo="mouseleave",Jo="dblclick",nu="resize",iu="scroll",Ko="change",br="dppxchange",ja="--",Wn=typeof window<"u",Ca=Wn?document:null,Vn=Wn?window:null,ru=Wn?navigator:null,we,fr;function Ra(){let t=devicePixelRatio;we!=t&&(we=t,fr&&La(Ko,fr,Ra),fr=matchMedia(`(min-resolution: ${we-.001}dppx) and (max-resolution: ${we+.001}dppx)`),an(Ko,fr,Ra),Vn.dispatchEvent(new CustomEvent(br)))}function Rt(t,n){if(n!=null){let e=t.classList;!e.contains(n)&&e.add(n)}}function Da(t,n){let e=t.classList;e.contains(n)&&e.remove(n)}function Oe(t,n,e){t.style[n]=e+"px"}function Qt(t,n,e,s){let i=Ca.createElement(t);return n!=null&&Rt(i,n),e?.insertBefore(i,s),i}function jt(t,n){return Qt("div",t,n)}var Qo=new WeakMap;function ds(t,n,e,s,i){let r="translate("+n+"px,"+e+"px)",l=Qo.get(t);r!=l&&(t.style.transform=r,Qo.set(t,r),n<0||e<0||n>s||e>i?Rt(t,rn):Da(t,rn))}var Zo=new WeakMap;function Xo(t,n,e){let s=n+e,i=Zo.get(t);s!=i&&(Zo.set(t,s),t.style.background=n,t.style.borderColor=e)}var ec=new WeakMap;function tc(t,n,e,s){let i=n+""+e,r=ec.get(t);i!=r&&(ec.set(t,i),t.style.height=e+"px",t.style.width=n+"px",t.style.marginLeft=s?-n/2+"px":0,t.style.marginTop=s?-e/2+"px":0)}var Fa={passive:!0},au={...Fa,capture:!0};function an(t,n,e,s){n.addEventListener(t,e,s?au:Fa)}function La(t,n,e,s){n.removeEventListener(t,e,Fa)}Wn&&Ra();function Zt(t,n,e,s){let i;e=e||0,s=s||n.length-1;let r=s<=2147483647;for(;s-e>1;)i=r?e+s>>1:Dt((e+s)/2),n[i]<t?e=i:s=i;return t-n[e]<=n[s]-t?e:s}function Pc(t){return(e,s,i)=>{let r=-1,l=-1;for(let d=s;d<=i;d++)if(t(e[d])){r=d;break}for(let d=i;d>=s;d--)if(t(e[d])){l=d;break}return[r,l]}}var Mc=t=>t!=null,Cc=t=>t!=null&&t>0,wr=Pc(Mc),lu=Pc(Cc);function ou(t,n,e,s=0,i=!1){let r=i?lu:wr,l=i?Cc:Mc;[n,e]=r(t,n,e);let d=t[n],p=t[n];if(n>-1)if(s==1)d=t[n],p=t[e];else if(s==-1)d=t[e],p=t[n];else for(let f=n;f<=e;f++){let v=t[f];l(v)&&(v<d?d=v:v>p&&(p=v))}return[d??Pe,p??-Pe]}function xr(t,n,e,s){let i=ic(t),r=ic(n);t==n&&(i==-1?(t*=e,n/=e):(t/=e,n*=e));let l=e==10?ys:Rc,d=i==1?Dt:Ft,p=r==1?Ft:Dt,f=d(l(et(t))),v=p(l(et(n))),m=In(e,f),$=In(e,v);return e==10&&(f<0&&(m=Me(m,-f)),v<0&&($=Me($,-v))),s||e==2?(t=m*i,n=$*r):(t=Oc(t,m),n=kr(n,$)),[t,n]}function Ua(t,n,e,s){let i=xr(t,n,e,s);return t==0&&(i[0]=0),n==0&&(i[1]=0),i}var Wa=.1,sc={mode:3,pad:Wa},wi={pad:0,soft:null,mode:0},cu={min:wi,max:wi};function $r(t,n,e,s){return Sr(e)?nc(t,n,e):(wi.pad=e,wi.soft=s?0:null,wi.mode=s?3:0,nc(t,n,cu))}function $e(t,n){return t??n}function du(t,n,e){for(n=$e(n,0),e=$e(e,t.length-1);n<=e;){if(t[n]!=null)return!0;n++}return!1}function nc(t,n,e){let s=e.min,i=e.max,r=$e(s.pad,0),l=$e(i.pad,0),d=$e(s.hard,-Pe),p=$e(i.hard,Pe),f=$e(s.soft,Pe),v=$e(i.soft,-Pe),m=$e(s.mode,0),$=$e(i.mode,0),k=n-t,A=ys(k),O=yt(et(t),et(n)),F=ys(O),G=et(F-A);(k<1e-24||G>10)&&(k=0,(t==0||n==0)&&(k=1e-24,m==2&&f!=Pe&&(r=0),$==2&&v!=-Pe&&(l=0)));let T=k||O||1e3,U=ys(T),P=In(10,Dt(U)),le=T*(k==0?t==0?.1:1:r),N=Me(Oc(t-le,P/10),24),ce=t>=f&&(m==1||m==3&&N<=f||m==2&&N>=f)?f:Pe,se=yt(d,N<ce&&t>=ce?ce:Xt(ce,N)),he=T*(k==0?n==0?.1:1:l),ee=Me(kr(n+he,P/10),24),M=n<=v&&($==1||$==3&&ee>=v||$==2&&ee<=v)?v:-Pe,re=Xt(p,ee>M&&n<=M?M:yt(M,ee));return se==re&&se==0&&(re=100),[se,re]}var pu=new Intl.NumberFormat(Wn?ru.language:"en-US"),Ba=t=>pu.format(t),Lt=Math,vr=Lt.PI,et=Lt.abs,Dt=Lt.floor,Xe=Lt.round,Ft=Lt.ceil,Xt=Lt.min,yt=Lt.max,In=Lt.pow,ic=Lt.sign,ys=Lt.log10,Rc=Lt.log2,uu=(t,n=1)=>Lt.sinh(t)*n,Aa=(t,n=1)=>Lt.asinh(t/n),Pe=1/0;function rc(t){return(ys((t^t>>31)-(t>>31))|0)+1}function Na(t,n,e){return Xt(yt(t,n),e)}function Dc(t){return typeof t=="function"}function fe(t){return Dc(t)?t:()=>t}var hu=()=>{},Lc=t=>t,Nc=(t,n)=>n,fu=t=>null,ac=t=>!0,lc=(t,n)=>t==n,mu=/\.\d*?(?=9{6,}|0{6,})/gm,ln=t=>{if(zc(t)||Ls.has(t))return t;let n=`${t}`,e=n.match(mu);if(e==null)return t;let s=e[0].length-1;if(n.indexOf("e-")!=-1){let[i,r]=n.split("e");return+`${ln(i)}e${r}`}return Me(t,s)};function sn(t,n){return ln(Me(ln(t/n))*n)}function kr(t,n){return ln(Ft(ln(t/n))*n)}function Oc(t,n){return ln(Dt(ln(t/n))*n)}function Me(t,n=0){if(zc(t))return t;let e=10**n,s=t*e*(1+Number.EPSILON);return Xe(s)/e}var Ls=new Map;function qc(t){return((""+t).split(".")[1]||"").length}function ki(t,n,e,s){let i=[],r=s.map(qc);for(let l=n;l<e;l++){let d=et(l),p=Me(In(t,l),d);for(let f=0;f<s.length;f++){let v=t==10?+`${s[f]}e${l}`:s[f]*p,m=(l>=0?0:d)+(l>=r[f]?0:r[f]),$=t==10?v:Me(v,m);i.push($),Ls.set($,m)}}return i}var xi={},Ga=[],jn=[null,null],Ds=Array.isArray,zc=Number.isInteger,gu=t=>t===void 0;function oc(t){return typeof t=="string"}function Sr(t){let n=!1;if(t!=null){let e=t.constructor;n=e==null||e==Object}return n}function vu(t){return t!=null&&typeof t=="object"}var bu=Object.getPrototypeOf(Uint8Array),Hc="__proto__";function Fn(t,n=Sr){let e;if(Ds(t)){let s=t.find(i=>i!=null);if(Ds(s)||n(s)){e=Array(t.length);for(let i=0;i<t.length;i++)e[i]=Fn(t[i],n)}else e=t.slice()}else if(t instanceof bu)e=t.slice();else if(n(t)){e={};for(let s in t)s!=Hc&&(e[s]=Fn(t[s],n))}else e=t;return e}function Je(t){let n=arguments;for(let e=1;e<n.length;e++){let s=n[e];for(let i in s)i!=Hc&&(Sr(t[i])?Je(t[i],Fn(s[i])):t[i]=Fn(s[i]))}return t}var $u=0,yu=1,wu=2;function xu(t,n,e){for(let s=0,i,r=-1;s<n.length;s++){let l=n[s];if(l>r){for(i=l-1;i>=0&&t[i]==null;)t[i--]=null;for(i=l+1;i<e&&t[i]==null;)t[r=i++]=null}}}function ku(t,n){if(Tu(t)){let l=t[0].slice();for(let d=1;d<t.length;d++)l.push(...t[d].slice(1));return Au(l[0])||(l=_u(l)),l}let e=new Set;for(let l=0;l<t.length;l++){let p=t[l][0],f=p.length;for(let v=0;v<f;v++)e.add(p[v])}let s=[Array.from(e).sort((l,d)=>l-d)],i=s[0].length,r=new Map;for(let l=0;l<i;l++)r.set(s[0][l],l);for(let l=0;l<t.length;l++){let d=t[l],p=d[0];for(let f=1;f<d.length;f++){let v=d[f],m=Array(i).fill(void 0),$=n?n[l][f]:yu,k=[];for(let A=0;A<v.length;A++){let O=v[A],F=r.get(p[A]);O===null?$!=$u&&(m[F]=O,$==wu&&k.push(F)):m[F]=O}xu(m,k,i),s.push(m)}}return s}var Su=typeof queueMicrotask>"u"?t=>Promise.resolve().then(t):queueMicrotask;function _u(t){let n=t[0],e=n.length,s=Array(e);for(let r=0;r<s.length;r++)s[r]=r;s.sort((r,l)=>n[r]-n[l]);let i=[];for(let r=0;r<t.length;r++){let l=t[r],d=Array(e);for(let p=0;p<e;p++)d[p]=l[s[p]];i.push(d)}return i}function Tu(t){let n=t[0][0],e=n.length;for(let s=1;s<t.length;s++){let i=t[s][0];if(i.length!=e)return!1;if(i!=n){for(let r=0;r<e;r++)if(i[r]!=n[r])return!1}}return!0}function Au(t,n=100){let e=t.length;if(e<=1)return!0;let s=0,i=e-1;for(;s<=i&&t[s]==null;)s++;for(;i>=s&&t[i]==null;)i--;if(i<=s)return!0;let r=yt(1,Dt((i-s+1)/n));for(let l=t[s],d=s+r;d<=i;d+=r){let p=t[d];if(p!=null){if(p<=l)return!1;l=p}}return!0}var Vc=["January","February","March","April","May","June","July","August","September","October","November","December"],Ic=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function jc(t){return t.slice(0,3)}var Eu=Ic.map(jc),Pu=Vc.map(jc),Mu={MMMM:Vc,MMM:Pu,WWWW:Ic,WWW:Eu};function vi(t){return(t<10?"0":"")+t}function Cu(t){return(t<10?"00":t<100?"0":"")+t}var Ru={YYYY:t=>t.getFullYear(),YY:t=>(t.getFullYear()+"").slice(2),MMMM:(t,n)=>n.MMMM[t.getMonth()],MMM:(t,n)=>n.MMM[t.getMonth()],MM:t=>vi(t.getMonth()+1),M:t=>t.getMonth()+1,DD:t=>vi(t.getDate()),D:t=>t.getDate(),WWWW:(t,n)=>n.WWWW[t.getDay()],WWW:(t,n)=>n.WWW[t.getDay()],HH:t=>vi(t.getHours()),H:t=>t.getHours(),h:t=>{let n=t.getHours();return n==0?12:n>12?n-12:n},AA:t=>t.getHours()>=12?"PM":"AM",aa:t=>t.getHours()>=12?"pm":"am",a:t=>t.getHours()>=12?"p":"a",mm:t=>vi(t.getMinutes()),m:t=>t.getMinutes(),ss:t=>vi(t.getSeconds()),s:t=>t.getSeconds(),fff:t=>Cu(t.getMilliseconds())};function Ya(t,n){n=n||Mu;let e=[],s=/\{([a-z]+)\}|[^{]+/gi,i;for(;i=s.exec(t);)e.push(i[0][0]=="{"?Ru[i[1]]:i[0]);return r=>{let l="";for(let d=0;d<e.length;d++)l+=typeof e[d]=="string"?e[d]:e[d](r,n);return l}}var Du=new Intl.DateTimeFormat().resolvedOptions().timeZone;function Lu(t,n){let e;return n=="UTC"||n=="Etc/UTC"?e=new Date(+t+t.getTimezoneOffset()*6e4):n==Du?e=t:(e=new Date(t.toLocaleString("en-US",{timeZone:n})),e.setMilliseconds(t.getMilliseconds())),e}var Fc=t=>t%1==0,yr=[1,2,2.5,5],Nu=ki(10,-32,0,yr),Uc=ki(10,0,32,yr),Ou=Uc.filter(Fc),nn=Nu.concat(Uc),Ja=`
`,Wc="{YYYY}",cc=Ja+Wc,Bc="{M}/{D}",yi=Ja+Bc,mr=yi+"/{YY}",Gc="{aa}",qu="{h}:{mm}",Hn=qu+Gc,dc=Ja+Hn,pc=":{ss}",Se=null;function Yc(t){let n=t*1e3,e=n*60,s=e*60,i=s*24,r=i*30,l=i*365,p=(t==1?ki(10,0,3,yr).filter(Fc):ki(10,-3,0,yr)).concat([n,n*5,n*10,n*15,n*30,e,e*5,e*10,e*15,e*30,s,s*2,s*3,s*4,s*6,s*8,s*12,i,i*2,i*3,i*4,i*5,i*6,i*7,i*8,i*9,i*10,i*15,r,r*2,r*3,r*4,r*6,l,l*2,l*5,l*10,l*25,l*50,l*100]),f=[[l,Wc,Se,Se,Se,Se,Se,Se,1],[i*28,"{MMM}",cc,Se,Se,Se,Se,Se,1],[i,Bc,cc,Se,Se,Se,Se,Se,1],[s,"{h}"+Gc,mr,Se,yi,Se,Se,Se,1],[e,Hn,mr,Se,yi,Se,Se,Se,1],[n,pc,mr+" "+Hn,Se,yi+" "+Hn,Se,dc,Se,1],[t,pc+".{fff}",mr+" "+Hn,Se,yi+" "+Hn,Se,dc,Se,1]];function v(m){return($,k,A,O,F,G)=>{let T=[],U=F>=l,P=F>=r&&F<l,le=m(A),N=Me(le*t,3),ce=Ea(le.getFullYear(),U?0:le.getMonth(),P||U?1:le.getDate()),se=Me(ce*t,3);if(P||U){let he=P?F/r:0,ee=U?F/l:0,M=N==se?N:Me(Ea(ce.getFullYear()+ee,ce.getMonth()+he,1)*t,3),re=new Date(Xe(M/t)),z=re.getFullYear(),K=re.getMonth();for(let j=0;M<=O;j++){let me=Ea(z+ee*j,K+he*j,1),I=me-m(Me(me*t,3));M=Me((+me+I)*t,3),M<=O&&T.push(M)}}else{let he=F>=i?i:F,ee=Dt(A)-Dt(N),M=se+ee+kr(N-se,he);T.push(M);let re=m(M),z=re.getHours()+re.getMinutes()/e+re.getSeconds()/s,K=F/s,j=$.axes[k]._space,me=G/j;for(;M=Me(M+F,t==1?0:3),!(M>O);)if(K>1){let I=Dt(Me(z+K,6))%24,ge=m(M).getHours()-I;ge>1&&(ge=-1),M-=ge*s,z=(z+K)%24;let Te=T[T.length-1];Me((M-Te)/F,3)*me>=.7&&T.push(M)}else T.push(M)}return T}}return[p,f,v]}var[zu,Hu,Vu]=Yc(1),[Iu,ju,Fu]=Yc(.001);ki(2,-53,53,[1]);function uc(t,n){return t.map(e=>e.map((s,i)=>i==0||i==8||s==null?s:n(i==1||e[8]==0?s:e[1]+s)))}function hc(t,n){return(e,s,i,r,l)=>{let d=n.find(A=>l>=A[0])||n[n.length-1],p,f,v,m,$,k;return s.map(A=>{let O=t(A),F=O.getFullYear(),G=O.getMonth(),T=O.getDate(),U=O.getHours(),P=O.getMinutes(),le=O.getSeconds(),N=F!=p&&d[2]||G!=f&&d[3]||T!=v&&d[4]||U!=m&&d[5]||P!=$&&d[6]||le!=k&&d[7]||d[1];return p=F,f=G,v=T,m=U,$=P,k=le,N(O)})}}function Uu(t,n){let e=Ya(n);return(s,i,r,l,d)=>i.map(p=>e(t(p)))}function Ea(t,n,e){return new Date(t,n,e)}function fc(t,n){return n(t)}var Wu="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function mc(t,n){return(e,s,i,r)=>r==null?ja:n(t(s))}function Bu(t,n){let e=t.series[n];return e.width?e.stroke(t,n):e.points.width?e.points.stroke(t,n):null}function Gu(t,n){return t.series[n].fill(t,n)}var Yu={show:!0,live:!0,isolate:!1,mount:hu,markers:{show:!0,width:2,stroke:Bu,fill:Gu,dash:"solid"},idx:null,idxs:null,values:[]};function Ju(t,n){let e=t.cursor.points,s=jt(),i=e.size(t,n);Oe(s,bi,i),Oe(s,$i,i);let r=i/-2;Oe(s,"marginLeft",r),Oe(s,"marginTop",r);let l=e.width(t,n,i);return l&&Oe(s,"borderWidth",l),s}function Ku(t,n){let e=t.series[n].points;return e._fill||e._stroke}function Qu(t,n){let e=t.series[n].points;return e._stroke||e._fill}function Zu(t,n){return t.series[n].points.size}var Pa=[0,0];function Xu(t,n,e){return Pa[0]=n,Pa[1]=e,Pa}function gr(t,n,e,s=!0){return i=>{i.button==0&&(!s||i.target==n)&&e(i)}}function Ma(t,n,e,s=!0){return i=>{(!s||i.target==n)&&e(i)}}var eh={show:!0,x:!0,y:!0,lock:!1,move:Xu,points:{one:!1,show:Ju,size:Zu,width:0,stroke:Qu,fill:Ku},bind:{mousedown:gr,mouseup:gr,click:gr,dblclick:gr,mousemove:Ma,mouseleave:Ma,mouseenter:Ma},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(t,n)=>{n.stopPropagation(),n.stopImmediatePropagation()},_x:!1,_y:!1},focus:{dist:(t,n,e,s,i)=>s-i,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},Jc={show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Ka=Je({},Jc,{filter:Nc}),Kc=Je({},Ka,{size:10}),Qc=Je({},Jc,{show:!1}),Qa='12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',Zc="bold "+Qa,Xc=1.5,gc={show:!0,scale:"x",stroke:Ia,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Zc,side:2,grid:Ka,ticks:Kc,border:Qc,font:Qa,lineGap:Xc,rotate:0},th="Value",sh="Time",vc={show:!0,scale:"x",auto:!1,sorted:1,min:Pe,max:-Pe,idxs:[]};function nh(t,n,e,s,i){return n.map(r=>r==null?"":Ba(r))}function ih(t,n,e,s,i,r,l){let d=[],p=Ls.get(i)||0;e=l?e:Me(kr(e,i),p);for(let f=e;f<=s;f=Me(f+i,p))d.push(Object.is(f,-0)?0:f);return d}function Oa(t,n,e,s,i,r,l){let d=[],p=t.scales[t.axes[n].scale].log,f=p==10?ys:Rc,v=Dt(f(e));i=In(p,v),p==10&&(i=nn[Zt(i,nn)]);let m=e,$=i*p;p==10&&($=nn[Zt($,nn)]);do d.push(m),m=m+i,p==10&&!Ls.has(m)&&(m=Me(m,Ls.get(i))),m>=$&&(i=m,$=i*p,p==10&&($=nn[Zt($,nn)]));while(m<=s);return d}function rh(t,n,e,s,i,r,l){let p=t.scales[t.axes[n].scale].asinh,f=s>p?Oa(t,n,yt(p,e),s,i):[p],v=s>=0&&e<=0?[0]:[];return(e<-p?Oa(t,n,yt(p,-s),-e,i):[p]).reverse().map($=>-$).concat(v,f)}var ed=/./,ah=/[12357]/,lh=/[125]/,bc=/1/,qa=(t,n,e,s)=>t.map((i,r)=>n==4&&i==0||r%s==0&&e.test(i.toExponential()[i<0?1:0])?i:null);function oh(t,n,e,s,i){let r=t.axes[e],l=r.scale,d=t.scales[l],p=t.valToPos,f=r._space,v=p(10,l),m=p(9,l)-v>=f?ed:p(7,l)-v>=f?ah:p(5,l)-v>=f?lh:bc;if(m==bc){let $=et(p(1,l)-v);if($<f)return qa(n.slice().reverse(),d.distr,m,Ft(f/$)).reverse()}return qa(n,d.distr,m,1)}function ch(t,n,e,s,i){let r=t.axes[e],l=r.scale,d=r._space,p=t.valToPos,f=et(p(1,l)-p(2,l));return f<d?qa(n.slice().reverse(),3,ed,Ft(d/f)).reverse():n}function dh(t,n,e,s){return s==null?ja:n==null?"":Ba(n)}var $c={show:!0,scale:"y",stroke:Ia,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Zc,side:3,grid:Ka,ticks:Kc,border:Qc,font:Qa,lineGap:Xc,rotate:0};function ph(t,n){let e=3+(t||1)*2;return Me(e*n,3)}function uh(t,n){let{scale:e,idxs:s}=t.series[0],i=t._data[0],r=t.valToPos(i[s[0]],e,!0),l=t.valToPos(i[s[1]],e,!0),d=et(l-r),p=t.series[n],f=d/(p.points.space*we);return s[1]-s[0]<=f}var yc={scale:null,auto:!0,sorted:0,min:Pe,max:-Pe},td=(t,n,e,s,i)=>i,wc={show:!0,auto:!0,sorted:0,gaps:td,alpha:1,facets:[Je({},yc,{scale:"x"}),Je({},yc,{scale:"y"})]},xc={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,gaps:td,alpha:1,points:{show:uh,filter:null},values:null,min:Pe,max:-Pe,idxs:[],path:null,clip:null};function hh(t,n,e,s,i){return e/10}var sd={time:!0,auto:!0,distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},fh=Je({},sd,{time:!1,ori:1}),kc={};function nd(t,n){let e=kc[t];return e||(e={key:t,plots:[],sub(s){e.plots.push(s)},unsub(s){e.plots=e.plots.filter(i=>i!=s)},pub(s,i,r,l,d,p,f){for(let v=0;v<e.plots.length;v++)e.plots[v]!=i&&e.plots[v].pub(s,i,r,l,d,p,f)}},t!=null&&(kc[t]=e)),e}var Un=1,za=2;function on(t,n,e){let s=t.mode,i=t.series[n],r=s==2?t._data[n]:t._data,l=t.scales,d=t.bbox,p=r[0],f=s==2?r[1]:r[n],v=s==2?l[i.facets[0].scale]:l[t.series[0].scale],m=s==2?l[i.facets[1].scale]:l[i.scale],$=d.left,k=d.top,A=d.width,O=d.height,F=t.valToPosH,G=t.valToPosV;return v.ori==0?e(i,p,f,v,m,F,G,$,k,A,O,Tr,Bn,Er,rd,ld):e(i,p,f,v,m,G,F,k,$,O,A,Ar,Gn,el,ad,od)}function Za(t,n){let e=0,s=0,i=$e(t.bands,Ga);for(let r=0;r<i.length;r++){let l=i[r];l.series[0]==n?e=l.dir:l.series[1]==n&&(l.dir==1?s|=1:s|=2)}return[e,s==1?-1:s==2?1:s==3?2:0]}function mh(t,n,e,s,i){let r=t.mode,l=t.series[n],d=r==2?l.facets[1].scale:l.scale,p=t.scales[d];return i==-1?p.min:i==1?p.max:p.distr==3?p.dir==1?p.min:p.max:0}function ws(t,n,e,s,i,r){return on(t,n,(l,d,p,f,v,m,$,k,A,O,F)=>{let G=l.pxRound,T=f.dir*(f.ori==0?1:-1),U=f.ori==0?Bn:Gn,P,le;T==1?(P=e,le=s):(P=s,le=e);let N=G(m(d[P],f,O,k)),ce=G($(p[P],v,F,A)),se=G(m(d[le],f,O,k)),he=G($(r==1?v.max:v.min,v,F,A)),ee=new Path2D(i);return U(ee,se,he),U(ee,N,he),U(ee,N,ce),ee})}function _r(t,n,e,s,i,r){let l=null;if(t.length>0){l=new Path2D;let d=n==0?Er:el,p=e;for(let m=0;m<t.length;m++){let $=t[m];if($[1]>$[0]){let k=$[0]-p;k>0&&d(l,p,s,k,s+r),p=$[1]}}let f=e+i-p,v=10;f>0&&d(l,p,s-v/2,f,s+r+v)}return l}function gh(t,n,e){let s=t[t.length-1];s&&s[0]==n?s[1]=e:t.push([n,e])}function Xa(t,n,e,s,i,r,l){let d=[],p=t.length;for(let f=i==1?e:s;f>=e&&f<=s;f+=i)if(n[f]===null){let m=f,$=f;if(i==1)for(;++f<=s&&n[f]===null;)$=f;else for(;--f>=e&&n[f]===null;)$=f;let k=r(t[m]),A=$==m?k:r(t[$]),O=m-i;k=l<=0&&O>=0&&O<p?r(t[O]):k;let G=$+i;A=l>=0&&G>=0&&G<p?r(t[G]):A,A>=k&&d.push([k,A])}return d}function Sc(t){return t==0?Lc:t==1?Xe:n=>sn(n,t)}function id(t){let n=t==0?Tr:Ar,e=t==0?(i,r,l,d,p,f)=>{i.arcTo(r,l,d,p,f)}:(i,r,l,d,p,f)=>{i.arcTo(l,r,p,d,f)},s=t==0?(i,r,l,d,p)=>{i.rect(r,l,d,p)}:(i,r,l,d,p)=>{i.rect(l,r,p,d)};return(i,r,l,d,p,f=0,v=0)=>{f==0&&v==0?s(i,r,l,d,p):(f=Xt(f,d/2,p/2),v=Xt(v,d/2,p/2),n(i,r+f,l),e(i,r+d,l,r+d,l+p,f),e(i,r+d,l+p,r,l+p,v),e(i,r,l+p,r,l,v),e(i,r,l,r+d,l,f),i.closePath())}}var Tr=(t,n,e)=>{t.moveTo(n,e)},Ar=(t,n,e)=>{t.moveTo(e,n)},Bn=(t,n,e)=>{t.lineTo(n,e)},Gn=(t,n,e)=>{t.lineTo(e,n)},Er=id(0),el=id(1),rd=(t,n,e,s,i,r)=>{t.arc(n,e,s,i,r)},ad=(t,n,e,s,i,r)=>{t.arc(e,n,s,i,r)},ld=(t,n,e,s,i,r,l)=>{t.bezierCurveTo(n,e,s,i,r,l)},od=(t,n,e,s,i,r,l)=>{t.bezierCurveTo(e,n,i,s,l,r)};function cd(t){return(n,e,s,i,r)=>on(n,e,(l,d,p,f,v,m,$,k,A,O,F)=>{let{pxRound:G,points:T}=l,U,P;f.ori==0?(U=Tr,P=rd):(U=Ar,P=ad);let le=Me(T.width*we,3),N=(T.size-T.width)/2*we,ce=Me(N*2,3),se=new Path2D,he=new Path2D,{left:ee,top:M,width:re,height:z}=n.bbox;Er(he,ee-ce,M-ce,re+ce*2,z+ce*2);let K=j=>{if(p[j]!=null){let me=G(m(d[j],f,O,k)),I=G($(p[j],v,F,A));U(se,me+N,I),P(se,me,I,N,0,vr*2)}};if(r)r.forEach(K);else for(let j=s;j<=i;j++)K(j);return{stroke:le>0?se:null,fill:se,clip:he,flags:Un|za}})}function dd(t){return(n,e,s,i,r,l)=>{s!=i&&(r!=s&&l!=s&&t(n,e,s),r!=i&&l!=i&&t(n,e,i),t(n,e,l))}}var vh=dd(Bn),bh=dd(Gn);function pd(t){let n=$e(t?.alignGaps,0);return(e,s,i,r)=>on(e,s,(l,d,p,f,v,m,$,k,A,O,F)=>{[i,r]=wr(p,i,r);let G=l.pxRound,T=z=>G(m(z,f,O,k)),U=z=>G($(z,v,F,A)),P,le;f.ori==0?(P=Bn,le=vh):(P=Gn,le=bh);let N=f.dir*(f.ori==0?1:-1),ce={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Un},se=ce.stroke,he=!1;if(r-i>=O*4){let z=H=>e.posToVal(H,f.key,!0),K=null,j=null,me,I,wt,qe=T(d[N==1?i:r]),ge=T(d[i]),Te=T(d[r]),de=z(N==1?ge+1:Te-1);for(let H=N==1?i:r;H>=i&&H<=r;H+=N){let Ke=d[H],ze=(N==1?Ke<de:Ke>de)?qe:T(Ke),xe=p[H];ze==qe?xe!=null?(I=xe,K==null?(P(se,ze,U(I)),me=K=j=I):I<K?K=I:I>j&&(j=I)):xe===null&&(he=!0):(K!=null&&le(se,qe,U(K),U(j),U(me),U(I)),xe!=null?(I=xe,P(se,ze,U(I)),K=j=me=I):(K=j=null,xe===null&&(he=!0)),qe=ze,de=z(qe+N))}K!=null&&K!=j&&wt!=qe&&le(se,qe,U(K),U(j),U(me),U(I))}else for(let z=N==1?i:r;z>=i&&z<=r;z+=N){let K=p[z];K===null?he=!0:K!=null&&P(se,T(d[z]),U(K))}let[M,re]=Za(e,s);if(l.fill!=null||M!=0){let z=ce.fill=new Path2D(se),K=l.fillTo(e,s,l.min,l.max,M),j=U(K),me=T(d[i]),I=T(d[r]);N==-1&&([I,me]=[me,I]),P(z,I,j),P(z,me,j)}if(!l.spanGaps){let z=[];he&&z.push(...Xa(d,p,i,r,N,T,n)),ce.gaps=z=l.gaps(e,s,i,r,z),ce.clip=_r(z,f.ori,k,A,O,F)}return re!=0&&(ce.band=re==2?[ws(e,s,i,r,se,-1),ws(e,s,i,r,se,1)]:ws(e,s,i,r,se,re)),ce})}function $h(t){let n=$e(t.align,1),e=$e(t.ascDesc,!1),s=$e(t.alignGaps,0),i=$e(t.extend,!1);return(r,l,d,p)=>on(r,l,(f,v,m,$,k,A,O,F,G,T,U)=>{[d,p]=wr(m,d,p);let P=f.pxRound,{left:le,width:N}=r.bbox,ce=ge=>P(A(ge,$,T,F)),se=ge=>P(O(ge,k,U,G)),he=$.ori==0?Bn:Gn,ee={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Un},M=ee.stroke,re=$.dir*($.ori==0?1:-1),z=se(m[re==1?d:p]),K=ce(v[re==1?d:p]),j=K,me=K;i&&n==-1&&(me=le,he(M,me,z)),he(M,K,z);for(let ge=re==1?d:p;ge>=d&&ge<=p;ge+=re){let Te=m[ge];if(Te==null)continue;let de=ce(v[ge]),H=se(Te);n==1?he(M,de,z):he(M,j,H),he(M,de,H),z=H,j=de}let I=j;i&&n==1&&(I=le+N,he(M,I,z));let[wt,qe]=Za(r,l);if(f.fill!=null||wt!=0){let ge=ee.fill=new Path2D(M),Te=f.fillTo(r,l,f.min,f.max,wt),de=se(Te);he(ge,I,de),he(ge,me,de)}if(!f.spanGaps){let ge=[];ge.push(...Xa(v,m,d,p,re,ce,s));let Te=f.width*we/2,de=e||n==1?Te:-Te,H=e||n==-1?-Te:Te;ge.forEach(Ke=>{Ke[0]+=de,Ke[1]+=H}),ee.gaps=ge=f.gaps(r,l,d,p,ge),ee.clip=_r(ge,$.ori,F,G,T,U)}return qe!=0&&(ee.band=qe==2?[ws(r,l,d,p,M,-1),ws(r,l,d,p,M,1)]:ws(r,l,d,p,M,qe)),ee})}function _c(t,n,e,s,i,r,l=Pe){if(t.length>1){let d=null;for(let p=0,f=1/0;p<t.length;p++)if(n[p]!==void 0){if(d!=null){let v=et(t[p]-t[d]);v<f&&(f=v,l=et(e(t[p],s,i,r)-e(t[d],s,i,r)))}d=p}}return l}function yh(t){t=t||xi;let n=$e(t.size,[.6,Pe,1]),e=t.align||0,s=t.gap||0,i=t.radius;i=i==null?[0,0]:typeof i=="number"?[i,0]:i;let r=fe(i),l=1-n[0],d=$e(n[1],Pe),p=$e(n[2],1),f=$e(t.disp,xi),v=$e(t.each,k=>{}),{fill:m,stroke:$}=f;return(k,A,O,F)=>on(k,A,(G,T,U,P,le,N,ce,se,he,ee,M)=>{let re=G.pxRound,z=e,K=s*we,j=d*we,me=p*we,I,wt;P.ori==0?[I,wt]=r(k,A):[wt,I]=r(k,A);let qe=P.dir*(P.ori==0?1:-1),ge=P.ori==0?Er:el,Te=P.ori==0?v:(D,Ce,Qe,gn,Hs,ts,Vs)=>{v(D,Ce,Qe,Hs,gn,Vs,ts)},de=$e(k.bands,Ga).find(D=>D.series[0]==A),H=de!=null?de.dir:0,Ke=G.fillTo(k,A,G.min,G.max,H),ft=re(ce(Ke,le,M,he)),ze,xe,Ut,St=ee,Ie=re(G.width*we),es=!1,ps=null,Nt=null,xs=null,hn=null;m!=null&&(Ie==0||$!=null)&&(es=!0,ps=m.values(k,A,O,F),Nt=new Map,new Set(ps).forEach(D=>{D!=null&&Nt.set(D,new Path2D)}),Ie>0&&(xs=$.values(k,A,O,F),hn=new Map,new Set(xs).forEach(D=>{D!=null&&hn.set(D,new Path2D)})));let{x0:fn,size:Kn}=f;if(fn!=null&&Kn!=null){z=1,T=fn.values(k,A,O,F),fn.unit==2&&(T=T.map(Qe=>k.posToVal(se+Qe*ee,P.key,!0)));let D=Kn.values(k,A,O,F);Kn.unit==2?xe=D[0]*ee:xe=N(D[0],P,ee,se)-N(0,P,ee,se),St=_c(T,U,N,P,ee,se,St),Ut=St-xe+K}else St=_c(T,U,N,P,ee,se,St),Ut=St*l+K,xe=St-Ut;Ut<1&&(Ut=0),Ie>=xe/2&&(Ie=0),Ut<5&&(re=Lc);let Oi=Ut>0,qs=St-Ut-(Oi?Ie:0);xe=re(Na(qs,me,j)),ze=(z==0?xe/2:z==qe?0:xe)-z*qe*((z==0?K/2:0)+(Oi?Ie/2:0));let mt={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},mn=es?null:new Path2D,us=null;if(de!=null)us=k.data[de.series[1]];else{let{y0:D,y1:Ce}=f;D!=null&&Ce!=null&&(U=Ce.values(k,A,O,F),us=D.values(k,A,O,F))}let zs=I*xe,ne=wt*xe;for(let D=qe==1?O:F;D>=O&&D<=F;D+=qe){let Ce=U[D];if(Ce==null)continue;if(us!=null){let xt=us[D]??0;if(Ce-xt==0)continue;ft=ce(xt,le,M,he)}let Qe=P.distr!=2||f!=null?T[D]:D,gn=N(Qe,P,ee,se),Hs=ce($e(Ce,Ke),le,M,he),ts=re(gn-ze),Vs=re(yt(Hs,ft)),_t=re(Xt(Hs,ft)),Ot=Vs-_t;if(Ce!=null){let xt=Ce<0?ne:zs,Wt=Ce<0?zs:ne;es?(Ie>0&&xs[D]!=null&&ge(hn.get(xs[D]),ts,_t+Dt(Ie/2),xe,yt(0,Ot-Ie),xt,Wt),ps[D]!=null&&ge(Nt.get(ps[D]),ts,_t+Dt(Ie/2),xe,yt(0,Ot-Ie),xt,Wt)):ge(mn,ts,_t+Dt(Ie/2),xe,yt(0,Ot-Ie),xt,Wt),Te(k,A,D,ts-Ie/2,_t,xe+Ie,Ot)}}return Ie>0?mt.stroke=es?hn:mn:es||(mt._fill=G.width==0?G._fill:G._stroke??G._fill,mt.width=0),mt.fill=es?Nt:mn,mt})}function wh(t,n){let e=$e(n?.alignGaps,0);return(s,i,r,l)=>on(s,i,(d,p,f,v,m,$,k,A,O,F,G)=>{[r,l]=wr(f,r,l);let T=d.pxRound,U=I=>T($(I,v,F,A)),P=I=>T(k(I,m,G,O)),le,N,ce;v.ori==0?(le=Tr,ce=Bn,N=ld):(le=Ar,ce=Gn,N=od);let se=v.dir*(v.ori==0?1:-1),he=U(p[se==1?r:l]),ee=he,M=[],re=[];for(let I=se==1?r:l;I>=r&&I<=l;I+=se)if(f[I]!=null){let qe=p[I],ge=U(qe);M.push(ee=ge),re.push(P(f[I]))}let z={stroke:t(M,re,le,ce,N,T),fill:null,clip:null,band:null,gaps:null,flags:Un},K=z.stroke,[j,me]=Za(s,i);if(d.fill!=null||j!=0){let I=z.fill=new Path2D(K),wt=d.fillTo(s,i,d.min,d.max,j),qe=P(wt);ce(I,ee,qe),ce(I,he,qe)}if(!d.spanGaps){let I=[];I.push(...Xa(p,f,r,l,se,U,e)),z.gaps=I=d.gaps(s,i,r,l,I),z.clip=_r(I,v.ori,A,O,F,G)}return me!=0&&(z.band=me==2?[ws(s,i,r,l,K,-1),ws(s,i,r,l,K,1)]:ws(s,i,r,l,K,me)),z})}function xh(t){return wh(kh,t)}function kh(t,n,e,s,i,r){let l=t.length;if(l<2)return null;let d=new Path2D;if(e(d,t[0],n[0]),l==2)s(d,t[1],n[1]);else{let p=Array(l),f=Array(l-1),v=Array(l-1),m=Array(l-1);for(let $=0;$<l-1;$++)v[$]=n[$+1]-n[$],m[$]=t[$+1]-t[$],f[$]=v[$]/m[$];p[0]=f[0];for(let $=1;$<l-1;$++)f[$]===0||f[$-1]===0||f[$-1]>0!=f[$]>0?p[$]=0:(p[$]=3*(m[$-1]+m[$])/((2*m[$]+m[$-1])/f[$-1]+(m[$]+2*m[$-1])/f[$]),isFinite(p[$])||(p[$]=0));p[l-1]=f[l-2];for(let $=0;$<l-1;$++)i(d,t[$]+m[$]/3,n[$]+p[$]*m[$]/3,t[$+1]-m[$]/3,n[$+1]-p[$+1]*m[$]/3,t[$+1],n[$+1])}return d}var Ha=new Set;function Tc(){for(let t of Ha)t.syncRect(!0)}Wn&&(an(nu,Vn,Tc),an(iu,Vn,Tc,!0),an(br,Vn,()=>{dt.pxRatio=we}));var Sh=pd(),_h=cd();function Ac(t,n,e,s){return(s?[t[0],t[1]].concat(t.slice(2)):[t[0]].concat(t.slice(1))).map((r,l)=>Va(r,l,n,e))}function Th(t,n){return t.map((e,s)=>s==0?{}:Je({},n,e))}function Va(t,n,e,s){return Je({},n==0?e:s,t)}function ud(t,n,e){return n==null?jn:[n,e]}var Ah=ud;function Eh(t,n,e){return n==null?jn:$r(n,e,Wa,!0)}function hd(t,n,e,s){return n==null?jn:xr(n,e,t.scales[s].log,!1)}var Ph=hd;function fd(t,n,e,s){return n==null?jn:Ua(n,e,t.scales[s].log,!1)}var Mh=fd;function Ch(t,n,e,s,i){let r=yt(rc(t),rc(n)),l=n-t,d=Zt(i/s*l,e);do{let p=e[d],f=s*p/l;if(f>=i&&r+(p<5?Ls.get(p):0)<=17)return[p,f]}while(++d<e.length);return[0,0]}function Ec(t){let n,e;return t=t.replace(/(\d+)px/,(s,i)=>(n=Xe((e=+i)*we))+"px"),[t,n,e]}function Rh(t){t.show&&[t.font,t.labelFont].forEach(n=>{let e=Me(n[2]*we,1);n[0]=n[0].replace(/[0-9.]+px/,e+"px"),n[1]=e})}function dt(t,n,e){let s={mode:$e(t.mode,1)},i=s.mode;function r(a,c,u,h){let g=c.valToPct(a);return h+u*(c.dir==-1?1-g:g)}function l(a,c,u,h){let g=c.valToPct(a);return h+u*(c.dir==-1?g:1-g)}function d(a,c,u,h){return c.ori==0?r(a,c,u,h):l(a,c,u,h)}s.valToPosH=r,s.valToPosV=l;let p=!1;s.status=0;let f=s.root=jt(Hp);if(t.id!=null&&(f.id=t.id),Rt(f,t.class),t.title){let a=jt(jp,f);a.textContent=t.title}let v=Qt("canvas"),m=s.ctx=v.getContext("2d"),$=jt(Fp,f);an("click",$,a=>{a.target===A&&(Re!=An||He!=En)&&ct.click(s,a)},!0);let k=s.under=jt(Up,$);$.appendChild(v);let A=s.over=jt(Wp,$);t=Fn(t);let O=+$e(t.pxAlign,1),F=Sc(O);(t.plugins||[]).forEach(a=>{a.opts&&(t=a.opts(s,t)||t)});let G=t.ms||.001,T=s.series=i==1?Ac(t.series||[],vc,xc,!1):Th(t.series||[null],wc),U=s.axes=Ac(t.axes||[],gc,$c,!0),P=s.scales={},le=s.bands=t.bands||[];le.forEach(a=>{a.fill=fe(a.fill||null),a.dir=$e(a.dir,-1)});let N=i==2?T[1].facets[0].scale:T[0].scale,ce={axes:Ud,series:Hd},se=(t.drawOrder||["axes","series"]).map(a=>ce[a]);function he(a){let c=a.distr==3?u=>ys(u>0?u:a.clamp(s,u,a.min,a.max,a.key)):a.distr==4?u=>Aa(u,a.asinh):a.distr==100?u=>a.fwd(u):u=>u;return u=>{let h=c(u),{_min:g,_max:b}=a,w=b-g;return(h-g)/w}}function ee(a){let c=P[a];if(c==null){let u=(t.scales||xi)[a]||xi;if(u.from!=null){ee(u.from);let h=Je({},P[u.from],u,{key:a});h.valToPct=he(h),P[a]=h}else{c=P[a]=Je({},a==N?sd:fh,u),c.key=a;let h=c.time,g=c.range,b=Ds(g);if((a!=N||i==2&&!h)&&(b&&(g[0]==null||g[1]==null)&&(g={min:g[0]==null?sc:{mode:1,hard:g[0],soft:g[0]},max:g[1]==null?sc:{mode:1,hard:g[1],soft:g[1]}},b=!1),!b&&Sr(g))){let w=g;g=(x,S,C)=>S==null?jn:$r(S,C,w)}c.range=fe(g||(h?Ah:a==N?c.distr==3?Ph:c.distr==4?Mh:ud:c.distr==3?hd:c.distr==4?fd:Eh)),c.auto=fe(b?!1:c.auto),c.clamp=fe(c.clamp||hh),c._min=c._max=null,c.valToPct=he(c)}}}ee("x"),ee("y"),i==1&&T.forEach(a=>{ee(a.scale)}),U.forEach(a=>{ee(a.scale)});for(let a in t.scales)ee(a);let M=P[N],re=M.distr,z,K;M.ori==0?(Rt(f,Vp),z=r,K=l):(Rt(f,Ip),z=l,K=r);let j={};for(let a in P){let c=P[a];(c.min!=null||c.max!=null)&&(j[a]={min:c.min,max:c.max},c.min=c.max=null)}let me=t.tzDate||(a=>new Date(Xe(a/G))),I=t.fmtDate||Ya,wt=G==1?Vu(me):Fu(me),qe=hc(me,uc(G==1?Hu:ju,I)),ge=mc(me,fc(Wu,I)),Te=[],de=s.legend=Je({},Yu,t.legend),H=s.cursor=Je({},eh,{drag:{y:i==2}},t.cursor),Ke=de.show,ft=H.show,ze=de.markers;de.idxs=Te,ze.width=fe(ze.width),ze.dash=fe(ze.dash),ze.stroke=fe(ze.stroke),ze.fill=fe(ze.fill);let xe,Ut,St,Ie=[],es=[],ps,Nt=!1,xs={};if(de.live){let a=T[1]?T[1].values:null;Nt=a!=null,ps=Nt?a(s,1,0):{_:0};for(let c in ps)xs[c]=ja}if(Ke)if(xe=Qt("table",Qp,f),St=Qt("tbody",null,xe),de.mount(s,xe),Nt){Ut=Qt("thead",null,xe,St);let a=Qt("tr",null,Ut);Qt("th",null,a);for(var hn in ps)Qt("th",Fo,a).textContent=hn}else Rt(xe,Xp),de.live&&Rt(xe,Zp);let fn={show:!0},Kn={show:!1};function Oi(a,c){if(c==0&&(Nt||!de.live||i==2))return jn;let u=[],h=Qt("tr",eu,St,St.childNodes[c]);Rt(h,a.class),a.show||Rt(h,rn);let g=Qt("th",null,h);if(ze.show){let x=jt(tu,g);if(c>0){let S=ze.width(s,c);S&&(x.style.border=S+"px "+ze.dash(s,c)+" "+ze.stroke(s,c)),x.style.background=ze.fill(s,c)}}let b=jt(Fo,g);a.label instanceof HTMLElement?b.appendChild(a.label):b.textContent=a.label,c>0&&(ze.show||(b.style.color=a.width>0?ze.stroke(s,c):ze.fill(s,c)),mt("click",g,x=>{if(H._lock)return;js(x);let S=T.indexOf(a);if((x.ctrlKey||x.metaKey)!=de.isolate){let C=T.some((R,L)=>L>0&&L!=S&&R.show);T.forEach((R,L)=>{L>0&&ns(L,C?L==S?fn:Kn:fn,!0,Ge.setSeries)})}else ns(S,{show:!a.show},!0,Ge.setSeries)},!1),bn&&mt(Go,g,x=>{H._lock||(js(x),ns(T.indexOf(a),Mn,!0,Ge.setSeries))},!1));for(var w in ps){let x=Qt("td",su,h);x.textContent="--",u.push(x)}return[h,u]}let qs=new Map;function mt(a,c,u,h=!0){let g=qs.get(c)||{},b=H.bind[a](s,c,u,h);b&&(an(a,c,g[a]=b),qs.set(c,g))}function mn(a,c,u){let h=qs.get(c)||{};for(let g in h)(a==null||g==a)&&(La(g,c,h[g]),delete h[g]);a==null&&qs.delete(c)}let us=0,zs=0,ne=0,D=0,Ce=0,Qe=0,gn=Ce,Hs=Qe,ts=ne,Vs=D,_t=0,Ot=0,xt=0,Wt=0;s.bbox={};let Lr=!1,qi=!1,vn=!1,Is=!1,zi=!1,qt=!1;function Nr(a,c,u){(u||a!=s.width||c!=s.height)&&al(a,c),kn(!1),vn=!0,qi=!0,Sn()}function al(a,c){s.width=us=ne=a,s.height=zs=D=c,Ce=Qe=0,Rd(),Dd();let u=s.bbox;_t=u.left=sn(Ce*we,.5),Ot=u.top=sn(Qe*we,.5),xt=u.width=sn(ne*we,.5),Wt=u.height=sn(D*we,.5)}let Pd=3;function Md(){let a=!1,c=0;for(;!a;){c++;let u=jd(c),h=Fd(c);a=c==Pd||u&&h,a||(al(s.width,s.height),qi=!0)}}function Cd({width:a,height:c}){Nr(a,c)}s.setSize=Cd;function Rd(){let a=!1,c=!1,u=!1,h=!1;U.forEach((g,b)=>{if(g.show&&g._show){let{side:w,_size:x}=g,S=w%2,C=g.label!=null?g.labelSize:0,R=x+C;R>0&&(S?(ne-=R,w==3?(Ce+=R,h=!0):u=!0):(D-=R,w==0?(Qe+=R,a=!0):c=!0))}}),Fs[0]=a,Fs[1]=u,Fs[2]=c,Fs[3]=h,ne-=ks[1]+ks[3],Ce+=ks[3],D-=ks[2]+ks[0],Qe+=ks[0]}function Dd(){let a=Ce+ne,c=Qe+D,u=Ce,h=Qe;function g(b,w){switch(b){case 1:return a+=w,a-w;case 2:return c+=w,c-w;case 3:return u-=w,u+w;case 0:return h-=w,h+w}}U.forEach((b,w)=>{if(b.show&&b._show){let x=b.side;b._pos=g(x,b._size),b.label!=null&&(b._lpos=g(x,b.labelSize))}})}if(H.dataIdx==null){let a=H.hover,c=a.skip=new Set(a.skip??[]);c.add(void 0);let u=a.prox=fe(a.prox),h=a.bias??=0;H.dataIdx=(g,b,w,x)=>{if(b==0)return w;let S=w,C=u(g,b,w,x)??Pe,R=C>=0&&C<Pe,L=M.ori==0?ne:D,Q=H.left,ye=n[0],ve=n[b];if(c.has(ve[w])){S=null;let pe=null,Y=null,V;if(h==0||h==-1)for(V=w;pe==null&&V-- >0;)c.has(ve[V])||(pe=V);if(h==0||h==1)for(V=w;Y==null&&V++<ve.length;)c.has(ve[V])||(Y=V);if(pe!=null||Y!=null)if(R){let Le=pe==null?-1/0:z(ye[pe],M,L,0),je=Y==null?1/0:z(ye[Y],M,L,0),at=Q-Le,Ae=je-Q;at<=Ae?at<=C&&(S=pe):Ae<=C&&(S=Y)}else S=Y==null?pe:pe==null?Y:w-pe<=Y-w?pe:Y}else R&&et(Q-z(ye[w],M,L,0))>C&&(S=null);return S}}let js=a=>{H.event=a};H.idxs=Te,H._lock=!1;let pt=H.points;pt.show=fe(pt.show),pt.size=fe(pt.size),pt.stroke=fe(pt.stroke),pt.width=fe(pt.width),pt.fill=fe(pt.fill);let ss=s.focus=Je({},t.focus||{alpha:.3},H.focus),bn=ss.prox>=0,$n=bn&&pt.one,zt=[],yn=[],wn=[];function ll(a,c){let u=pt.show(s,c);if(u instanceof HTMLElement)return Rt(u,Kp),Rt(u,a.class),ds(u,-10,-10,ne,D),A.insertBefore(u,zt[c]),u}function ol(a,c){if(i==1||c>0){let u=i==1&&P[a.scale].time,h=a.value;a.value=u?oc(h)?mc(me,fc(h,I)):h||ge:h||dh,a.label=a.label||(u?sh:th)}if($n||c>0){a.width=a.width==null?1:a.width,a.paths=a.paths||Sh||fu,a.fillTo=fe(a.fillTo||mh),a.pxAlign=+$e(a.pxAlign,O),a.pxRound=Sc(a.pxAlign),a.stroke=fe(a.stroke||null),a.fill=fe(a.fill||null),a._stroke=a._fill=a._paths=a._focus=null;let u=ph(yt(1,a.width),1),h=a.points=Je({},{size:u,width:yt(1,u*.2),stroke:a.stroke,space:u*2,paths:_h,_stroke:null,_fill:null},a.points);h.show=fe(h.show),h.filter=fe(h.filter),h.fill=fe(h.fill),h.stroke=fe(h.stroke),h.paths=fe(h.paths),h.pxAlign=a.pxAlign}if(Ke){let u=Oi(a,c);Ie.splice(c,0,u[0]),es.splice(c,0,u[1]),de.values.push(null)}if(ft){Te.splice(c,0,null);let u=null;$n?c==0&&(u=ll(a,c)):c>0&&(u=ll(a,c)),zt.splice(c,0,u),yn.splice(c,0,0),wn.splice(c,0,0)}rt("addSeries",c)}function Ld(a,c){c=c??T.length,a=i==1?Va(a,c,vc,xc):Va(a,c,{},wc),T.splice(c,0,a),ol(T[c],c)}s.addSeries=Ld;function Nd(a){if(T.splice(a,1),Ke){de.values.splice(a,1),es.splice(a,1);let c=Ie.splice(a,1)[0];mn(null,c.firstChild),c.remove()}ft&&(Te.splice(a,1),zt.splice(a,1)[0].remove(),yn.splice(a,1),wn.splice(a,1)),rt("delSeries",a)}s.delSeries=Nd;let Fs=[!1,!1,!1,!1];function Od(a,c){if(a._show=a.show,a.show){let u=a.side%2,h=P[a.scale];h==null&&(a.scale=u?T[1].scale:N,h=P[a.scale]);let g=h.time;a.size=fe(a.size),a.space=fe(a.space),a.rotate=fe(a.rotate),Ds(a.incrs)&&a.incrs.forEach(w=>{!Ls.has(w)&&Ls.set(w,qc(w))}),a.incrs=fe(a.incrs||(h.distr==2?Ou:g?G==1?zu:Iu:nn)),a.splits=fe(a.splits||(g&&h.distr==1?wt:h.distr==3?Oa:h.distr==4?rh:ih)),a.stroke=fe(a.stroke),a.grid.stroke=fe(a.grid.stroke),a.ticks.stroke=fe(a.ticks.stroke),a.border.stroke=fe(a.border.stroke);let b=a.values;a.values=Ds(b)&&!Ds(b[0])?fe(b):g?Ds(b)?hc(me,uc(b,I)):oc(b)?Uu(me,b):b||qe:b||nh,a.filter=fe(a.filter||(h.distr>=3&&h.log==10?oh:h.distr==3&&h.log==2?ch:Nc)),a.font=Ec(a.font),a.labelFont=Ec(a.labelFont),a._size=a.size(s,null,c,0),a._space=a._rotate=a._incrs=a._found=a._splits=a._values=null,a._size>0&&(Fs[c]=!0,a._el=jt(Bp,$))}}function Qn(a,c,u,h){let[g,b,w,x]=u,S=c%2,C=0;return S==0&&(x||b)&&(C=c==0&&!g||c==2&&!w?Xe(gc.size/3):0),S==1&&(g||w)&&(C=c==1&&!b||c==3&&!x?Xe($c.size/2):0),C}let cl=s.padding=(t.padding||[Qn,Qn,Qn,Qn]).map(a=>fe($e(a,Qn))),ks=s._padding=cl.map((a,c)=>a(s,c,Fs,0)),ot,tt=null,st=null,Hi=i==1?T[0].idxs:null,Bt=null,Zn=!1;function dl(a,c){if(n=a??[],s.data=s._data=n,i==2){ot=0;for(let u=1;u<T.length;u++)ot+=n[u][0].length}else{n.length==0&&(s.data=s._data=n=[[]]),Bt=n[0],ot=Bt.length;let u=n;if(re==2){u=n.slice();let h=u[0]=Array(ot);for(let g=0;g<ot;g++)h[g]=g}s._data=n=u}if(kn(!0),rt("setData"),re==2&&(vn=!0),c!==!1){let u=M;u.auto(s,Zn)?Or():_s(N,u.min,u.max),Is=Is||H.left>=0,qt=!0,Sn()}}s.setData=dl;function Or(){Zn=!0;let a,c;i==1&&(ot>0?(tt=Hi[0]=0,st=Hi[1]=ot-1,a=n[0][tt],c=n[0][st],re==2?(a=tt,c=st):a==c&&(re==3?[a,c]=xr(a,a,M.log,!1):re==4?[a,c]=Ua(a,a,M.log,!1):M.time?c=a+Xe(86400/G):[a,c]=$r(a,c,Wa,!0))):(tt=Hi[0]=a=null,st=Hi[1]=c=null)),_s(N,a,c)}let Vi,xn,qr,zr,Hr,Vr,Ir,jr,Fr,kt;function pl(a,c,u,h,g,b){a??=Wo,u??=Ga,h??="butt",g??=Wo,b??="round",a!=Vi&&(m.strokeStyle=Vi=a),g!=xn&&(m.fillStyle=xn=g),c!=qr&&(m.lineWidth=qr=c),b!=Hr&&(m.lineJoin=Hr=b),h!=Vr&&(m.lineCap=Vr=h),u!=zr&&m.setLineDash(zr=u)}function ul(a,c,u,h){c!=xn&&(m.fillStyle=xn=c),a!=Ir&&(m.font=Ir=a),u!=jr&&(m.textAlign=jr=u),h!=Fr&&(m.textBaseline=Fr=h)}function Ur(a,c,u,h,g=0){if(h.length>0&&a.auto(s,Zn)&&(c==null||c.min==null)){let b=$e(tt,0),w=$e(st,h.length-1),x=u.min==null?ou(h,b,w,g,a.distr==3):[u.min,u.max];a.min=Xt(a.min,u.min=x[0]),a.max=yt(a.max,u.max=x[1])}}let hl={min:null,max:null};function qd(){for(let h in P){let g=P[h];j[h]==null&&(g.min==null||j[N]!=null&&g.auto(s,Zn))&&(j[h]=hl)}for(let h in P){let g=P[h];j[h]==null&&g.from!=null&&j[g.from]!=null&&(j[h]=hl)}j[N]!=null&&kn(!0);let a={};for(let h in j){let g=j[h];if(g!=null){let b=a[h]=Fn(P[h],vu);if(g.min!=null)Je(b,g);else if(h!=N||i==2)if(ot==0&&b.from==null){let w=b.range(s,null,null,h);b.min=w[0],b.max=w[1]}else b.min=Pe,b.max=-Pe}}if(ot>0){T.forEach((h,g)=>{if(i==1){let b=h.scale,w=j[b];if(w==null)return;let x=a[b];if(g==0){let S=x.range(s,x.min,x.max,b);x.min=S[0],x.max=S[1],tt=Zt(x.min,n[0]),st=Zt(x.max,n[0]),st-tt>1&&(n[0][tt]<x.min&&tt++,n[0][st]>x.max&&st--),h.min=Bt[tt],h.max=Bt[st]}else h.show&&h.auto&&Ur(x,w,h,n[g],h.sorted);h.idxs[0]=tt,h.idxs[1]=st}else if(g>0&&h.show&&h.auto){let[b,w]=h.facets,x=b.scale,S=w.scale,[C,R]=n[g],L=a[x],Q=a[S];L!=null&&Ur(L,j[x],b,C,b.sorted),Q!=null&&Ur(Q,j[S],w,R,w.sorted),h.min=w.min,h.max=w.max}});for(let h in a){let g=a[h],b=j[h];if(g.from==null&&(b==null||b.min==null)){let w=g.range(s,g.min==Pe?null:g.min,g.max==-Pe?null:g.max,h);g.min=w[0],g.max=w[1]}}}for(let h in a){let g=a[h];if(g.from!=null){let b=a[g.from];if(b.min==null)g.min=g.max=null;else{let w=g.range(s,b.min,b.max,h);g.min=w[0],g.max=w[1]}}}let c={},u=!1;for(let h in a){let g=a[h],b=P[h];if(b.min!=g.min||b.max!=g.max){b.min=g.min,b.max=g.max;let w=b.distr;b._min=w==3?ys(b.min):w==4?Aa(b.min,b.asinh):w==100?b.fwd(b.min):b.min,b._max=w==3?ys(b.max):w==4?Aa(b.max,b.asinh):w==100?b.fwd(b.max):b.max,c[h]=u=!0}}if(u){T.forEach((h,g)=>{i==2?g>0&&c.y&&(h._paths=null):c[h.scale]&&(h._paths=null)});for(let h in c)vn=!0,rt("setScale",h);ft&&H.left>=0&&(Is=qt=!0)}for(let h in j)j[h]=null}function zd(a){let c=Na(tt-1,0,ot-1),u=Na(st+1,0,ot-1);for(;a[c]==null&&c>0;)c--;for(;a[u]==null&&u<ot-1;)u++;return[c,u]}function Hd(){if(ot>0){let a=T.some(c=>c._focus)&&kt!=ss.alpha;a&&(m.globalAlpha=kt=ss.alpha),T.forEach((c,u)=>{if(u>0&&c.show&&(fl(u,!1),fl(u,!0),c._paths==null)){let h=kt;kt!=c.alpha&&(m.globalAlpha=kt=c.alpha);let g=i==2?[0,n[u][0].length-1]:zd(n[u]);c._paths=c.paths(s,u,g[0],g[1]),kt!=h&&(m.globalAlpha=kt=h)}}),T.forEach((c,u)=>{if(u>0&&c.show){let h=kt;kt!=c.alpha&&(m.globalAlpha=kt=c.alpha),c._paths!=null&&ml(u,!1);{let g=c._paths!=null?c._paths.gaps:null,b=c.points.show(s,u,tt,st,g),w=c.points.filter(s,u,b,g);(b||w)&&(c.points._paths=c.points.paths(s,u,tt,st,w),ml(u,!0))}kt!=h&&(m.globalAlpha=kt=h),rt("drawSeries",u)}}),a&&(m.globalAlpha=kt=1)}}function fl(a,c){let u=c?T[a].points:T[a];u._stroke=u.stroke(s,a),u._fill=u.fill(s,a)}function ml(a,c){let u=c?T[a].points:T[a],{stroke:h,fill:g,clip:b,flags:w,_stroke:x=u._stroke,_fill:S=u._fill,_width:C=u.width}=u._paths;C=Me(C*we,3);let R=null,L=C%2/2;c&&S==null&&(S=C>0?"#fff":x);let Q=u.pxAlign==1&&L>0;if(Q&&m.translate(L,L),!c){let ye=_t-C/2,ve=Ot-C/2,pe=xt+C,Y=Wt+C;R=new Path2D,R.rect(ye,ve,pe,Y)}c?Wr(x,C,u.dash,u.cap,S,h,g,w,b):Vd(a,x,C,u.dash,u.cap,S,h,g,w,R,b),Q&&m.translate(-L,-L)}function Vd(a,c,u,h,g,b,w,x,S,C,R){let L=!1;S!=0&&le.forEach((Q,ye)=>{if(Q.series[0]==a){let ve=T[Q.series[1]],pe=n[Q.series[1]],Y=(ve._paths||xi).band;Ds(Y)&&(Y=Q.dir==1?Y[0]:Y[1]);let V,Le=null;ve.show&&Y&&du(pe,tt,st)?(Le=Q.fill(s,ye)||b,V=ve._paths.clip):Y=null,Wr(c,u,h,g,Le,w,x,S,C,R,V,Y),L=!0}}),L||Wr(c,u,h,g,b,w,x,S,C,R)}let gl=Un|za;function Wr(a,c,u,h,g,b,w,x,S,C,R,L){pl(a,c,u,h,g),(S||C||L)&&(m.save(),S&&m.clip(S),C&&m.clip(C)),L?(x&gl)==gl?(m.clip(L),R&&m.clip(R),ji(g,w),Ii(a,b,c)):x&za?(ji(g,w),m.clip(L),Ii(a,b,c)):x&Un&&(m.save(),m.clip(L),R&&m.clip(R),ji(g,w),m.restore(),Ii(a,b,c)):(ji(g,w),Ii(a,b,c)),(S||C||L)&&m.restore()}function Ii(a,c,u){u>0&&(c instanceof Map?c.forEach((h,g)=>{m.strokeStyle=Vi=g,m.stroke(h)}):c!=null&&a&&m.stroke(c))}function ji(a,c){c instanceof Map?c.forEach((u,h)=>{m.fillStyle=xn=h,m.fill(u)}):c!=null&&a&&m.fill(c)}function Id(a,c,u,h){let g=U[a],b;if(h<=0)b=[0,0];else{let w=g._space=g.space(s,a,c,u,h),x=g._incrs=g.incrs(s,a,c,u,h,w);b=Ch(c,u,x,h,w)}return g._found=b}function Br(a,c,u,h,g,b,w,x,S,C){let R=w%2/2;O==1&&m.translate(R,R),pl(x,w,S,C,x),m.beginPath();let L,Q,ye,ve,pe=g+(h==0||h==3?-b:b);u==0?(Q=g,ve=pe):(L=g,ye=pe);for(let Y=0;Y<a.length;Y++)c[Y]!=null&&(u==0?L=ye=a[Y]:Q=ve=a[Y],m.moveTo(L,Q),m.lineTo(ye,ve));m.stroke(),O==1&&m.translate(-R,-R)}function jd(a){let c=!0;return U.forEach((u,h)=>{if(!u.show)return;let g=P[u.scale];if(g.min==null){u._show&&(c=!1,u._show=!1,kn(!1));return}else u._show||(c=!1,u._show=!0,kn(!1));let b=u.side,w=b%2,{min:x,max:S}=g,[C,R]=Id(h,x,S,w==0?ne:D);if(R==0)return;let L=g.distr==2,Q=u._splits=u.splits(s,h,x,S,C,R,L),ye=g.distr==2?Q.map(V=>Bt[V]):Q,ve=g.distr==2?Bt[Q[1]]-Bt[Q[0]]:C,pe=u._values=u.values(s,u.filter(s,ye,h,R,ve),h,R,ve);u._rotate=b==2?u.rotate(s,pe,h,R):0;let Y=u._size;u._size=Ft(u.size(s,pe,h,a)),Y!=null&&u._size!=Y&&(c=!1)}),c}function Fd(a){let c=!0;return cl.forEach((u,h)=>{let g=u(s,h,Fs,a);g!=ks[h]&&(c=!1),ks[h]=g}),c}function Ud(){for(let a=0;a<U.length;a++){let c=U[a];if(!c.show||!c._show)continue;let u=c.side,h=u%2,g,b,w=c.stroke(s,a),x=u==0||u==3?-1:1,[S,C]=c._found;if(c.label!=null){let vt=c.labelGap*x,Et=Xe((c._lpos+vt)*we);ul(c.labelFont[0],w,"center",u==2?"top":Uo),m.save(),h==1?(g=b=0,m.translate(Et,Xe(Ot+Wt/2)),m.rotate((u==3?-vr:vr)/2)):(g=Xe(_t+xt/2),b=Et);let Bs=Dc(c.label)?c.label(s,a,S,C):c.label;m.fillText(Bs,g,b),m.restore()}if(C==0)continue;let R=P[c.scale],L=h==0?xt:Wt,Q=h==0?_t:Ot,ye=c._splits,ve=R.distr==2?ye.map(vt=>Bt[vt]):ye,pe=R.distr==2?Bt[ye[1]]-Bt[ye[0]]:S,Y=c.ticks,V=c.border,Le=Y.show?Y.size:0,je=Xe(Le*we),at=Xe((c.alignTo==2?c._size-Le-c.gap:c.gap)*we),Ae=c._rotate*-vr/180,Fe=F(c._pos*we),Tt=(je+at)*x,gt=Fe+Tt;b=h==0?gt:0,g=h==1?gt:0;let Ht=c.font[0],Gt=c.align==1?zn:c.align==2?Sa:Ae>0?zn:Ae<0?Sa:h==0?"center":u==3?Sa:zn,rs=Ae||h==1?"middle":u==2?"top":Uo;ul(Ht,w,Gt,rs);let At=c.font[1]*c.lineGap,Vt=ye.map(vt=>F(d(vt,R,L,Q))),Yt=c._values;for(let vt=0;vt<Yt.length;vt++){let Et=Yt[vt];if(Et!=null){h==0?g=Vt[vt]:b=Vt[vt],Et=""+Et;let Bs=Et.indexOf(`
`)==-1?[Et]:Et.split(/\n/gm);for(let bt=0;bt<Bs.length;bt++){let Nl=Bs[bt];Ae?(m.save(),m.translate(g,b+bt*At),m.rotate(Ae),m.fillText(Nl,0,0),m.restore()):m.fillText(Nl,g,b+bt*At)}}}Y.show&&Br(Vt,Y.filter(s,ve,a,C,pe),h,u,Fe,je,Me(Y.width*we,3),Y.stroke(s,a),Y.dash,Y.cap);let as=c.grid;as.show&&Br(Vt,as.filter(s,ve,a,C,pe),h,h==0?2:1,h==0?Ot:_t,h==0?Wt:xt,Me(as.width*we,3),as.stroke(s,a),as.dash,as.cap),V.show&&Br([Fe],[1],h==0?1:0,h==0?1:2,h==1?Ot:_t,h==1?Wt:xt,Me(V.width*we,3),V.stroke(s,a),V.dash,V.cap)}rt("drawAxes")}function kn(a){T.forEach((c,u)=>{u>0&&(c._paths=null,a&&(i==1?(c.min=null,c.max=null):c.facets.forEach(h=>{h.min=null,h.max=null})))})}let Fi=!1,Gr=!1,Xn=[];function Wd(){Gr=!1;for(let a=0;a<Xn.length;a++)rt(...Xn[a]);Xn.length=0}function Sn(){Fi||(Su(vl),Fi=!0)}function Bd(a,c=!1){Fi=!0,Gr=c,a(s),vl(),c&&Xn.length>0&&queueMicrotask(Wd)}s.batch=Bd;function vl(){if(Lr&&(qd(),Lr=!1),vn&&(Md(),vn=!1),qi){if(Oe(k,zn,Ce),Oe(k,"top",Qe),Oe(k,bi,ne),Oe(k,$i,D),Oe(A,zn,Ce),Oe(A,"top",Qe),Oe(A,bi,ne),Oe(A,$i,D),Oe($,bi,us),Oe($,$i,zs),v.width=Xe(us*we),v.height=Xe(zs*we),U.forEach(({_el:a,_show:c,_size:u,_pos:h,side:g})=>{if(a!=null)if(c){let b=g===3||g===0?u:0,w=g%2==1;Oe(a,w?"left":"top",h-b),Oe(a,w?"width":"height",u),Oe(a,w?"top":"left",w?Qe:Ce),Oe(a,w?"height":"width",w?D:ne),Da(a,rn)}else Rt(a,rn)}),Vi=xn=qr=Hr=Vr=Ir=jr=Fr=zr=null,kt=1,si(!0),Ce!=gn||Qe!=Hs||ne!=ts||D!=Vs){kn(!1);let a=ne/ts,c=D/Vs;if(ft&&!Is&&H.left>=0){H.left*=a,H.top*=c,_n&&ds(_n,Xe(H.left),0,ne,D),Tn&&ds(Tn,0,Xe(H.top),ne,D);for(let u=0;u<zt.length;u++){let h=zt[u];h!=null&&(yn[u]*=a,wn[u]*=c,ds(h,Ft(yn[u]),Ft(wn[u]),ne,D))}}if(De.show&&!zi&&De.left>=0&&De.width>0){De.left*=a,De.width*=a,De.top*=c,De.height*=c;for(let u in Xr)Oe(Pn,u,De[u])}gn=Ce,Hs=Qe,ts=ne,Vs=D}rt("setSize"),qi=!1}us>0&&zs>0&&(m.clearRect(0,0,v.width,v.height),rt("drawClear"),se.forEach(a=>a()),rt("draw")),De.show&&zi&&(Ui(De),zi=!1),ft&&Is&&(Ws(null,!0,!1),Is=!1),de.show&&de.live&&qt&&(Qr(),qt=!1),p||(p=!0,s.status=1,rt("ready")),Zn=!1,Fi=!1}s.redraw=(a,c)=>{vn=c||!1,a!==!1?_s(N,M.min,M.max):Sn()};function Yr(a,c){let u=P[a];if(u.from==null){if(ot==0){let h=u.range(s,c.min,c.max,a);c.min=h[0],c.max=h[1]}if(c.min>c.max){let h=c.min;c.min=c.max,c.max=h}if(ot>1&&c.min!=null&&c.max!=null&&c.max-c.min<1e-16)return;a==N&&u.distr==2&&ot>0&&(c.min=Zt(c.min,n[0]),c.max=Zt(c.max,n[0]),c.min==c.max&&c.max++),j[a]=c,Lr=!0,Sn()}}s.setScale=Yr;let Jr,Kr,_n,Tn,bl,$l,An,En,yl,wl,Re,He,Ss=!1,ct=H.drag,nt=ct.x,it=ct.y;ft&&(H.x&&(Jr=jt(Yp,A)),H.y&&(Kr=jt(Jp,A)),M.ori==0?(_n=Jr,Tn=Kr):(_n=Kr,Tn=Jr),Re=H.left,He=H.top);let De=s.select=Je({show:!0,over:!0,left:0,width:0,top:0,height:0},t.select),Pn=De.show?jt(Gp,De.over?A:k):null;function Ui(a,c){if(De.show){for(let u in a)De[u]=a[u],u in Xr&&Oe(Pn,u,a[u]);c!==!1&&rt("setSelect")}}s.setSelect=Ui;function Gd(a){if(T[a].show)Ke&&Da(Ie[a],rn);else if(Ke&&Rt(Ie[a],rn),ft){let u=$n?zt[0]:zt[a];u!=null&&ds(u,-10,-10,ne,D)}}function _s(a,c,u){Yr(a,{min:c,max:u})}function ns(a,c,u,h){c.focus!=null&&Zd(a),c.show!=null&&T.forEach((g,b)=>{b>0&&(a==b||a==null)&&(g.show=c.show,Gd(b),i==2?(_s(g.facets[0].scale,null,null),_s(g.facets[1].scale,null,null)):_s(g.scale,null,null),Sn())}),u!==!1&&rt("setSeries",a,c),h&&ni("setSeries",s,a,c)}s.setSeries=ns;function Yd(a,c){Je(le[a],c)}function Jd(a,c){a.fill=fe(a.fill||null),a.dir=$e(a.dir,-1),c=c??le.length,le.splice(c,0,a)}function Kd(a){a==null?le.length=0:le.splice(a,1)}s.addBand=Jd,s.setBand=Yd,s.delBand=Kd;function Qd(a,c){T[a].alpha=c,ft&&zt[a]!=null&&(zt[a].style.opacity=c),Ke&&Ie[a]&&(Ie[a].style.opacity=c)}let hs,Ts,Us,Mn={focus:!0};function Zd(a){if(a!=Us){let c=a==null,u=ss.alpha!=1;T.forEach((h,g)=>{if(i==1||g>0){let b=c||g==0||g==a;h._focus=c?null:b,u&&Qd(g,b?1:ss.alpha)}}),Us=a,u&&Sn()}}Ke&&bn&&mt(Yo,xe,a=>{H._lock||(js(a),Us!=null&&ns(null,Mn,!0,Ge.setSeries))});function is(a,c,u){let h=P[c];u&&(a=a/we-(h.ori==1?Qe:Ce));let g=ne;h.ori==1&&(g=D,a=g-a),h.dir==-1&&(a=g-a);let b=h._min,w=h._max,x=a/g,S=b+(w-b)*x,C=h.distr;return C==3?In(10,S):C==4?uu(S,h.asinh):C==100?h.bwd(S):S}function Xd(a,c){let u=is(a,N,c);return Zt(u,n[0],tt,st)}s.valToIdx=a=>Zt(a,n[0]),s.posToIdx=Xd,s.posToVal=is,s.valToPos=(a,c,u)=>P[c].ori==0?r(a,P[c],u?xt:ne,u?_t:0):l(a,P[c],u?Wt:D,u?Ot:0),s.setCursor=(a,c,u)=>{Re=a.left,He=a.top,Ws(null,c,u)};function xl(a,c){Oe(Pn,zn,De.left=a),Oe(Pn,bi,De.width=c)}function kl(a,c){Oe(Pn,"top",De.top=a),Oe(Pn,$i,De.height=c)}let ei=M.ori==0?xl:kl,ti=M.ori==1?xl:kl;function ep(){if(Ke&&de.live)for(let a=i==2?1:0;a<T.length;a++){if(a==0&&Nt)continue;let c=de.values[a],u=0;for(let h in c)es[a][u++].firstChild.nodeValue=c[h]}}function Qr(a,c){if(a!=null&&(a.idxs?a.idxs.forEach((u,h)=>{Te[h]=u}):gu(a.idx)||Te.fill(a.idx),de.idx=Te[0]),Ke&&de.live){for(let u=0;u<T.length;u++)(u>0||i==1&&!Nt)&&tp(u,Te[u]);ep()}qt=!1,c!==!1&&rt("setLegend")}s.setLegend=Qr;function tp(a,c){let u=T[a],h=a==0&&re==2?Bt:n[a],g;Nt?g=u.values(s,a,c)??xs:(g=u.value(s,c==null?null:h[c],a,c),g=g==null?xs:{_:g}),de.values[a]=g}function Ws(a,c,u){yl=Re,wl=He,[Re,He]=H.move(s,Re,He),H.left=Re,H.top=He,ft&&(_n&&ds(_n,Xe(Re),0,ne,D),Tn&&ds(Tn,0,Xe(He),ne,D));let h,g=tt>st;hs=Pe,Ts=null;let b=M.ori==0?ne:D,w=M.ori==1?ne:D;if(Re<0||ot==0||g){h=H.idx=null;for(let x=0;x<T.length;x++){let S=zt[x];S!=null&&ds(S,-10,-10,ne,D)}bn&&ns(null,Mn,!0,a==null&&Ge.setSeries),de.live&&(Te.fill(h),qt=!0)}else{let x,S,C;i==1&&(x=M.ori==0?Re:He,S=is(x,N),h=H.idx=Zt(S,n[0],tt,st),C=z(n[0][h],M,b,0));let R=-10,L=-10,Q=0,ye=0,ve=!0,pe="",Y="";for(let V=i==2?1:0;V<T.length;V++){let Le=T[V],je=Te[V],at=je==null?null:i==1?n[V][je]:n[V][1][je],Ae=H.dataIdx(s,V,h,S),Fe=Ae==null?null:i==1?n[V][Ae]:n[V][1][Ae];if(qt=qt||Fe!=at||Ae!=je,Te[V]=Ae,V>0&&Le.show){let Tt=Ae==null?-10:Ae==h?C:z(i==1?n[0][Ae]:n[V][0][Ae],M,b,0),gt=Fe==null?-10:K(Fe,i==1?P[Le.scale]:P[Le.facets[1].scale],w,0);if(bn&&Fe!=null){let Ht=M.ori==1?Re:He,Gt=et(ss.dist(s,V,Ae,gt,Ht));if(Gt<hs){let rs=ss.bias;if(rs!=0){let At=is(Ht,Le.scale),Vt=Fe>=0?1:-1,Yt=At>=0?1:-1;Yt==Vt&&(Yt==1?rs==1?Fe>=At:Fe<=At:rs==1?Fe<=At:Fe>=At)&&(hs=Gt,Ts=V)}else hs=Gt,Ts=V}}if(qt||$n){let Ht,Gt;M.ori==0?(Ht=Tt,Gt=gt):(Ht=gt,Gt=Tt);let rs,At,Vt,Yt,as,vt,Et=!0,Bs=pt.bbox;if(Bs!=null){Et=!1;let bt=Bs(s,V);Vt=bt.left,Yt=bt.top,rs=bt.width,At=bt.height}else Vt=Ht,Yt=Gt,rs=At=pt.size(s,V);if(vt=pt.fill(s,V),as=pt.stroke(s,V),$n)V==Ts&&hs<=ss.prox&&(R=Vt,L=Yt,Q=rs,ye=At,ve=Et,pe=vt,Y=as);else{let bt=zt[V];bt!=null&&(yn[V]=Vt,wn[V]=Yt,tc(bt,rs,At,Et),Xo(bt,vt,as),ds(bt,Ft(Vt),Ft(Yt),ne,D))}}}}if($n){let V=ss.prox,Le=Us==null?hs<=V:hs>V||Ts!=Us;if(qt||Le){let je=zt[0];je!=null&&(yn[0]=R,wn[0]=L,tc(je,Q,ye,ve),Xo(je,pe,Y),ds(je,Ft(R),Ft(L),ne,D))}}}if(De.show&&Ss)if(a!=null){let[x,S]=Ge.scales,[C,R]=Ge.match,[L,Q]=a.cursor.sync.scales,ye=a.cursor.drag;if(nt=ye._x,it=ye._y,nt||it){let{left:ve,top:pe,width:Y,height:V}=a.select,Le=a.scales[L].ori,je=a.posToVal,at,Ae,Fe,Tt,gt,Ht=x!=null&&C(x,L),Gt=S!=null&&R(S,Q);Ht&&nt?(Le==0?(at=ve,Ae=Y):(at=pe,Ae=V),Fe=P[x],Tt=z(je(at,L),Fe,b,0),gt=z(je(at+Ae,L),Fe,b,0),ei(Xt(Tt,gt),et(gt-Tt))):ei(0,b),Gt&&it?(Le==1?(at=ve,Ae=Y):(at=pe,Ae=V),Fe=P[S],Tt=K(je(at,Q),Fe,w,0),gt=K(je(at+Ae,Q),Fe,w,0),ti(Xt(Tt,gt),et(gt-Tt))):ti(0,w)}else ea()}else{let x=et(yl-bl),S=et(wl-$l);if(M.ori==1){let Q=x;x=S,S=Q}nt=ct.x&&x>=ct.dist,it=ct.y&&S>=ct.dist;let C=ct.uni;C!=null?nt&&it&&(nt=x>=C,it=S>=C,!nt&&!it&&(S>x?it=!0:nt=!0)):ct.x&&ct.y&&(nt||it)&&(nt=it=!0);let R,L;nt&&(M.ori==0?(R=An,L=Re):(R=En,L=He),ei(Xt(R,L),et(L-R)),it||ti(0,w)),it&&(M.ori==1?(R=An,L=Re):(R=En,L=He),ti(Xt(R,L),et(L-R)),nt||ei(0,b)),!nt&&!it&&(ei(0,0),ti(0,0))}if(ct._x=nt,ct._y=it,a==null){if(u){if(Ll!=null){let[x,S]=Ge.scales;Ge.values[0]=x!=null?is(M.ori==0?Re:He,x):null,Ge.values[1]=S!=null?is(M.ori==1?Re:He,S):null}ni(_a,s,Re,He,ne,D,h)}if(bn){let x=u&&Ge.setSeries,S=ss.prox;Us==null?hs<=S&&ns(Ts,Mn,!0,x):hs>S?ns(null,Mn,!0,x):Ts!=Us&&ns(Ts,Mn,!0,x)}}qt&&(de.idx=h,Qr()),c!==!1&&rt("setCursor")}let As=null;Object.defineProperty(s,"rect",{get(){return As==null&&si(!1),As}});function si(a=!1){a?As=null:(As=A.getBoundingClientRect(),rt("syncRect",As))}function Sl(a,c,u,h,g,b,w){H._lock||Ss&&a!=null&&a.movementX==0&&a.movementY==0||(Zr(a,c,u,h,g,b,w,!1,a!=null),a!=null?Ws(null,!0,!0):Ws(c,!0,!1))}function Zr(a,c,u,h,g,b,w,x,S){if(As==null&&si(!1),js(a),a!=null)u=a.clientX-As.left,h=a.clientY-As.top;else{if(u<0||h<0){Re=-10,He=-10;return}let[C,R]=Ge.scales,L=c.cursor.sync,[Q,ye]=L.values,[ve,pe]=L.scales,[Y,V]=Ge.match,Le=c.axes[0].side%2==1,je=M.ori==0?ne:D,at=M.ori==1?ne:D,Ae=Le?b:g,Fe=Le?g:b,Tt=Le?h:u,gt=Le?u:h;if(ve!=null?u=Y(C,ve)?d(Q,P[C],je,0):-10:u=je*(Tt/Ae),pe!=null?h=V(R,pe)?d(ye,P[R],at,0):-10:h=at*(gt/Fe),M.ori==1){let Ht=u;u=h,h=Ht}}S&&(c==null||c.cursor.event.type==_a)&&((u<=1||u>=ne-1)&&(u=sn(u,ne)),(h<=1||h>=D-1)&&(h=sn(h,D))),x?(bl=u,$l=h,[An,En]=H.move(s,u,h)):(Re=u,He=h)}let Xr={width:0,height:0,left:0,top:0};function ea(){Ui(Xr,!1)}let _l,Tl,Al,El;function Pl(a,c,u,h,g,b,w){Ss=!0,nt=it=ct._x=ct._y=!1,Zr(a,c,u,h,g,b,w,!0,!1),a!=null&&(mt(Ta,Ca,Ml,!1),ni(Bo,s,An,En,ne,D,null));let{left:x,top:S,width:C,height:R}=De;_l=x,Tl=S,Al=C,El=R}function Ml(a,c,u,h,g,b,w){Ss=ct._x=ct._y=!1,Zr(a,c,u,h,g,b,w,!1,!0);let{left:x,top:S,width:C,height:R}=De,L=C>0||R>0,Q=_l!=x||Tl!=S||Al!=C||El!=R;if(L&&Q&&Ui(De),ct.setScale&&L&&Q){let ye=x,ve=C,pe=S,Y=R;if(M.ori==1&&(ye=S,ve=R,pe=x,Y=C),nt&&_s(N,is(ye,N),is(ye+ve,N)),it)for(let V in P){let Le=P[V];V!=N&&Le.from==null&&Le.min!=Pe&&_s(V,is(pe+Y,V),is(pe,V))}ea()}else H.lock&&(H._lock=!H._lock,Ws(c,!0,a!=null));a!=null&&(mn(Ta,Ca),ni(Ta,s,Re,He,ne,D,null))}function sp(a,c,u,h,g,b,w){if(H._lock)return;js(a);let x=Ss;if(Ss){let S=!0,C=!0,R=10,L,Q;M.ori==0?(L=nt,Q=it):(L=it,Q=nt),L&&Q&&(S=Re<=R||Re>=ne-R,C=He<=R||He>=D-R),L&&S&&(Re=Re<An?0:ne),Q&&C&&(He=He<En?0:D),Ws(null,!0,!0),Ss=!1}Re=-10,He=-10,Te.fill(null),Ws(null,!0,!0),x&&(Ss=x)}function Cl(a,c,u,h,g,b,w){H._lock||(js(a),Or(),ea(),a!=null&&ni(Jo,s,Re,He,ne,D,null))}function Rl(){U.forEach(Rh),Nr(s.width,s.height,!0)}an(br,Vn,Rl);let Cn={};Cn.mousedown=Pl,Cn.mousemove=Sl,Cn.mouseup=Ml,Cn.dblclick=Cl,Cn.setSeries=(a,c,u,h)=>{let g=Ge.match[2];u=g(s,c,u),u!=-1&&ns(u,h,!0,!1)},ft&&(mt(Bo,A,Pl),mt(_a,A,Sl),mt(Go,A,a=>{js(a),si(!1)}),mt(Yo,A,sp),mt(Jo,A,Cl),Ha.add(s),s.syncRect=si);let Wi=s.hooks=t.hooks||{};function rt(a,c,u){Gr?Xn.push([a,c,u]):a in Wi&&Wi[a].forEach(h=>{h.call(null,s,c,u)})}(t.plugins||[]).forEach(a=>{for(let c in a.hooks)Wi[c]=(Wi[c]||[]).concat(a.hooks[c])});let Dl=(a,c,u)=>u,Ge=Je({key:null,setSeries:!1,filters:{pub:ac,sub:ac},scales:[N,T[1]?T[1].scale:null],match:[lc,lc,Dl],values:[null,null]},H.sync);Ge.match.length==2&&Ge.match.push(Dl),H.sync=Ge;let Ll=Ge.key,ta=nd(Ll);function ni(a,c,u,h,g,b,w){Ge.filters.pub(a,c,u,h,g,b,w)&&ta.pub(a,c,u,h,g,b,w)}ta.sub(s);function np(a,c,u,h,g,b,w){Ge.filters.sub(a,c,u,h,g,b,w)&&Cn[a](null,c,u,h,g,b,w)}s.pub=np;function ip(){ta.unsub(s),Ha.delete(s),qs.clear(),La(br,Vn,Rl),f.remove(),xe?.remove(),rt("destroy")}s.destroy=ip;function sa(){rt("init",t,n),dl(n||t.data,!1),j[N]?Yr(N,j[N]):Or(),zi=De.show&&(De.width>0||De.height>0),Is=qt=!0,Nr(t.width,t.height)}return T.forEach(ol),U.forEach(Od),e?e instanceof HTMLElement?(e.appendChild(f),sa()):e(s,sa):sa(),s}dt.assign=Je;dt.fmtNum=Ba;dt.rangeNum=$r;dt.rangeLog=xr;dt.rangeAsinh=Ua;dt.orient=on;dt.pxRatio=we;dt.join=ku;dt.fmtDate=Ya,dt.tzDate=Lu;dt.sync=nd;{dt.addGap=gh,dt.clipGaps=_r;let t=dt.paths={points:cd};t.linear=pd,t.stepped=$h,t.bars=yh,t.spline=xh}function gd(t,n,e){let s=Math.max(...t.map(d=>d??0),1e-9),i=t.length>1?n/(t.length-1):0,r=!1,l="";return t.forEach((d,p)=>{if(d===null){r=!1;return}let f=e-d/s*e;l+=`${r?"L":"M"}${md(p*i)} ${md(f)}`,r=!0}),l}function vd(t,n){let e=t.findIndex(s=>s!==null);return t.slice(Math.max(0,Math.min(e<0?t.length:e,t.length-n)))}function bd(t,n){let e=[];for(let s=t.length;s>0;s-=n){let i=t.slice(Math.max(0,s-n),s).filter(r=>r!==null);e.unshift(i.length===0?null:i.reduce((r,l)=>r+l,0)/i.length)}return e}function md(t){return t.toFixed(1).replace(/\.0$/,"")}function Si(t,n){let e=t.slice(-n).filter(s=>s!==null);return e.length===0?void 0:e.reduce((s,i)=>s+i,0)/e.length}var Ns=class extends te{constructor(){super();this.times=[];this.lines=[];this.label="";this.tall=220;this.drawn="";this.size=new ResizeObserver(()=>this.resize());new ls(this,tn)}disconnectedCallback(){super.disconnectedCallback(),this.size.disconnect(),this.plot?.destroy(),this.plot=void 0,this.drawn=""}connectedCallback(){super.connectedCallback(),this.size.observe(this)}render(){return o`<figure class="chart" role="img" aria-label=${`${this.label}. ${this.inWords()}`}>
      <div class="plot"></div>
      <figcaption class="legend" aria-hidden="true">
        ${this.lines.map(e=>o`<span class="key"
              ><svg class="swatch ${e.colour}" viewBox="0 0 16 4"><path d="M0 2h16" /></svg>${e.name}
              <b>${bs(Si(e.values,1))}</b><span class="unit">/s</span></span
            >`)}
        <span class="cursor"></span>
      </figcaption>
    </figure>`}inWords(){return this.lines.map(s=>{let i=s.values.filter(r=>r!==null);return i.length===0?`${s.name}: nothing known yet`:`${s.name}: ${bs(i.at(-1))} per second now, at most ${bs(Math.max(...i))}`}).join("; ")}updated(e){let s=this.querySelector(".plot");if(!s||this.lines.length===0)return;let i=v=>getComputedStyle(this).getPropertyValue(v).trim(),r=v=>{s.style.color=`var(${v})`;let m=getComputedStyle(s).color;return s.style.color="",m},l=JSON.stringify([this.lines.map(v=>[v.name,v.colour]),r("--ink"),i("--line"),this.tall]),d=[this.times,...this.lines.map(v=>v.values)];if(this.plot&&this.drawn===l){this.plot.setData(d);return}this.plot?.destroy(),this.drawn=l;let p={stroke:r("--ink-2"),grid:{stroke:r("--line"),width:1},ticks:{show:!1},font:"11px system-ui, sans-serif"},f=this.tall;this.plot=new dt({width:Math.max(200,s.clientWidth),height:f,padding:[8,18,0,0],legend:{show:!1},cursor:{y:!1,points:{size:6}},scales:{x:{time:!0},y:{range:(v,m,$)=>[0,Math.max($*1.1,.1)]}},axes:[{...p,size:26,space:70,values:(v,m)=>m.map($=>$d($,(m[1]??60)-(m[0]??0)<60))},{...p,size:44,space:36,values:(v,m)=>m.map($=>bs($))}],series:[{},...this.lines.map(v=>({label:v.name,stroke:r(`--${v.colour}`),width:1.6,...v.fill?{fill:r(`--${v.colour}-fill`)}:{},...v.dashed?{dash:[4,3]}:{},points:{show:!1},spanGaps:!1}))],hooks:{setCursor:[v=>this.tell(v)]}},d,s)}tell(e){let s=this.querySelector(".cursor");if(!s)return;let i=e.cursor.idx;s.textContent=i==null?"":`${$d(this.times[i]??0,!0)}  ${this.lines.map(r=>`${r.name} ${bs(r.values[i])}`).join(" · ")}`}resize(){let e=this.querySelector(".plot");this.plot&&e&&e.clientWidth>0&&e.clientWidth!==this.plot.width&&this.plot.setSize({width:e.clientWidth,height:this.tall})}};E([ue({attribute:!1})],Ns.prototype,"times",2),E([ue({attribute:!1})],Ns.prototype,"lines",2),E([ue()],Ns.prototype,"label",2),E([ue({type:Number})],Ns.prototype,"tall",2),Ns=E([ie("ff-chart")],Ns);function $d(t,n=!1){let e=new Date(t*1e3),s=i=>i.toString().padStart(2,"0");return`${s(e.getHours())}:${s(e.getMinutes())}${n?`:${s(e.getSeconds())}`:""}`}function Pr(t,n){let e=t.accepted.length,s=Date.parse(t.until)/1e3,i=Date.parse(t.until)>Date.now()?e-1:e,r=t.accepted.findIndex(p=>p!==null),l=Math.max(0,Math.min(r<0?i:r,i-18));return{times:Array.from({length:i-l},(p,f)=>s-(e-1-l-f)*t.step_seconds),lines:n.map(p=>({...p,values:p.values.slice(l,i)}))}}var _i=class extends te{constructor(){super(...arguments);this.channel="";this.shown=new J(this,e=>oe(`/v1/channels/${Ue(this.channel)}`,{},e),3e3);this.series=new J(this,e=>oe("/v1/series",{window:"hour"},e),1e4)}willUpdate(e){e.has("channel")&&e.get("channel")&&this.shown.restart()}render(){let e=this.shown.value;if(!e)return o`<h1>Channel</h1>
        ${this.shown.problem?o`${X(this.shown.problem)}
                <p><a href="#/channels">All channels</a></p>`:_e()}`;let s=()=>{this.shown.load()},i=["paused","suspended"].includes(e.state);return o`<div class="head">
        <div>
          <p class="crumb"><a href="#/channels">Channels</a></p>
          <h1>${_(e.name,120)}</h1>
        </div>
        <div class="control">
          ${We(e.state)}
          ${e.plugin===null||e.plugin===void 0?ke("Forget","trash","admin",()=>Vo(e.name,s),{channel:e.name,danger:!0}):o`${i?ke("Resume","play","operate",()=>ur(e,s),{channel:e.name}):ke("Pause","pause","operate",()=>pr(e,s),{channel:e.name})}
                ${ke("Test","test","operate",()=>hr(e.name),{channel:e.name,off:e.digest?void 0:"There is no plugin to call."})}`}
        </div>
      </div>
      ${X(this.shown.problem)} ${this.why(e)}
      <section class="tiles" aria-label="Numbers">
        ${Ti("Pending",Z(e.pending),e.pending>0?o`oldest ${Be(e.oldest_pending_at)}`:"no backlog")}
        ${Ti("In flight",Z(e.in_flight),`of ${e.policy?.concurrency??"–"} at once`)}
        ${Ti("Success rate",Xs(e.success_rate),o`${Z(e.delivered)} delivered`)}
        ${Ti("Dead letters",Z(e.dead_letters),e.dead_letters>0?o`<a href=${W(["dead-letters"],{channel:e.name})}>look at them</a>`:o`${Z(e.dead)} in all`)}
        ${Ti("Attempts take",$t(e.latency?.p50_ms),o`p90 ${$t(e.latency?.p90_ms)}, p99 ${$t(e.latency?.p99_ms)}`)}
      </section>
      ${this.chart()}
      <div class="columns">
        <div>${this.policy(e)}</div>
        <div>${this.plugin(e)} ${this.grants(e)} ${this.error(e)}</div>
      </div>`}why(e){let s=Object.entries(e.deferred??{}),{hold:i,gathered:r}=e;return o`${i?o`<div class="alarm ${i.kind==="paused"?"wait":"warn"}">
            ${We(i.kind)}
            <span>
              ${i.kind==="paused"?"Paused by an operator":i.kind==="suspended"?"Its receiver is gone (410)":"Its breaker is open: the receiver is in trouble"},
              since ${Ne(i.since)}. ${i.reason?o`<b>${_(i.reason,300)}</b>`:y}
              ${i.until?o`It tries again ${Be(i.until)}.`:y}
              ${i.kind==="open"?y:"Everything is kept until it is resumed."}
            </span>
          </div>`:y}
    ${e.error?o`<div class="alarm bad">${_(e.error,500)}</div>`:y}
    ${e.configure?o`<section class="panel">
            <div class="panel-head">
              <h2>Add this to <code>config.toml</code></h2>
            </div>
            <pre class="command" tabindex="0">${e.configure}</pre>
          </section>`:y}
    ${e.waiting>0||r?o`<div class="alarm wait">
            <span>
              ${e.waiting>0?o`${Z(e.waiting)} pending deliveries are waiting${s.length>0?o`: ${s.map(([l,d])=>o`<span class="pair">${l} <b>${Z(d)}</b></span> `)}`:" for their next attempt"}.`:y}
              ${r?o`${Z(r.deliveries)} wait in ${Z(r.batches)} open batches; the first closes ${Be(r.until)}.`:y}
            </span>
          </div>`:y}`}chart(){let e=this.series.value,s=e?.channels[this.channel];if(!e||!s)return y;let{times:i,lines:r}=Pr(e,[{name:"Delivered",colour:"ok",values:s.delivered,fill:!0},{name:"Failed",colour:"warn",values:s.failed},{name:"Dead",colour:"bad",values:s.dead}]);return o`<section class="panel" aria-labelledby="rates">
      <div class="panel-head"><h2 id="rates">Last hour</h2></div>
      <ff-chart .times=${i} .lines=${r} tall="160" label="Rates per second over the last hour"></ff-chart>
    </section>`}policy(e){let{policy:s}=e;return s?o`<section class="panel" aria-labelledby="policy">
      <div class="panel-head"><h2 id="policy">Policy</h2></div>
      ${tl(s,e.policy_from)}
    </section>`:y}plugin(e){return o`<section class="panel" aria-labelledby="plugin">
      <div class="panel-head">
        <h2 id="plugin">Plugin</h2>
        <a href="#/plugins">All plugins</a>
      </div>
      <dl class="facts">
        <div>
          <dt>name</dt>
          <dd>${B(e.plugin??"none")}</dd>
        </div>
        <div>
          <dt>kind</dt>
          <dd>${e.kind??"–"}</dd>
        </div>
        <div>
          <dt>digest</dt>
          <dd>${B(e.digest,80)}</dd>
        </div>
        <div>
          <dt>settings</dt>
          <dd>${Yn(e.settings)}</dd>
        </div>
        <div>
          <dt>secrets</dt>
          <dd>${Yn(e.secrets)}</dd>
        </div>
        <div>
          <dt>signed</dt>
          <dd>${e.signed?"yes":"no"}</dd>
        </div>
        <div>
          <dt>imports</dt>
          <dd>${Yn(e.imports)}</dd>
        </div>
      </dl>
    </section>`}grants(e){let{grants:s}=e;if(!s)return y;let i=s.http.length+s.tcp.length+s.files.length+s.emit.length===0&&!s.private_network;return o`<section class="panel" aria-labelledby="grants">
      <div class="panel-head"><h2 id="grants">Grants</h2></div>
      ${i?o`<p class="faint">None. It cannot reach anything outside.</p>`:o`<dl class="facts">
              ${s.http.length?o`<div>
                      <dt>http</dt>
                      <dd>${Yn(s.http)}</dd>
                    </div>`:y}
              ${s.tcp.length?o`<div>
                      <dt>tcp</dt>
                      <dd>${Yn(s.tcp)}</dd>
                    </div>`:y}
              ${s.files.map(r=>o`<div>
                    <dt>files</dt>
                    <dd>${B(r.host)} as ${B(r.guest)}, ${r.write?"to write":"to read"}</dd>
                  </div>`)}
              ${s.emit.length?o`<div>
                      <dt>emit</dt>
                      <dd>${Yn(s.emit)}</dd>
                    </div>`:y}
              ${s.private_network?o`<div>
                      <dt>private network</dt>
                      <dd>yes</dd>
                    </div>`:y}
            </dl>`}
    </section>`}error(e){let s=e.last_error;return o`<section class="panel" aria-labelledby="last-error">
      <div class="panel-head">
        <h2 id="last-error">Last error</h2>
        ${e.dead_letters>0?ke("Redrive dead letters","again","operate",()=>cs("replay",{channel:e.name},()=>{this.shown.load()}),{channel:e.name}):y}
      </div>
      ${s?o`<p>${Ze(s.class,s.code)} ${Ne(s.at)}</p>
              <p>${_(s.error,1e3)}</p>`:o`<p class="faint">No attempt of this run has failed.</p>`}
    </section>`}};E([ue()],_i.prototype,"channel",2),_i=E([ie("ff-channel")],_i);function Ti(t,n,e){return o`<div class="tile">
    <h2>${t}</h2>
    <div class="number">${n}</div>
    <div class="faint">${e}</div>
  </div>`}function Yn(t){return t.length===0?o`<span class="faint">none</span>`:t.map(n=>o`<span class="pair">${B(n,100)}</span> `)}function tl(t,n){let e=[["timeout",fa(t.timeout)],["retries",String(t.retries)],["backoff",t.waits.length>0?`${t.waits.map(fa).join(", ")}${t.retries>t.waits.length?", …":""}`:void 0],["fuel",ui(t.fuel)],["memory",Ps(t.memory)],["concurrency",String(t.concurrency)],["reuse",t.reuse===0?"a fresh instance each":`${t.reuse} attempts`],["expires",t.expires??void 0],["order",t.order==="none"?void 0:t.order],["filter",t.filter?Ai(t.filter):void 0],["breaker",t.breaker?Ai(t.breaker):void 0],["rate",t.rate?Ai(t.rate):void 0],["priority",`${t.priority}${t.first?`, first: ${t.first}`:""}`],["lagging_after",t.lagging_after==="none"?void 0:t.lagging_after],["batch",t.batch?Ai(t.batch):void 0],["delay",t.delay??void 0],["quiet",t.quiet?.length?t.quiet.map(i=>`${i.from}–${i.to} ${i.zone}`).join("; "):void 0],["once",t.once?Ai(t.once):void 0],["fallback",t.fallback?.length?t.fallback.join(", "):void 0],["fallback_after",t.fallback_after??void 0]],s={defaults:"[defaults]",sidecar:"sidecar",channel:"channel"};return o`<table class="policy">
    <thead>
      <tr>
        <th scope="col">Key</th>
        <th scope="col">Value</th>
        <th scope="col">From</th>
      </tr>
    </thead>
    <tbody>
      ${e.map(([i,r])=>{let l=n[i];return o`<tr class=${l?"set":""}>
          <th scope="row">${dr(i)}</th>
          <td>
            ${r===void 0?o`<span class="faint">none</span>`:typeof r=="string"?_(r,300):r}
          </td>
          <td>
            ${l?o`<span class="origin ${l}">${s[l]??l}</span>`:o`<span class="faint">built in</span>`}
          </td>
        </tr>`})}
    </tbody>
  </table>`}function Ai(t){return Object.entries(t).filter(([,e])=>e!=null&&e!==!1).map(([e,s])=>`${e} = ${typeof s=="object"?JSON.stringify(s):String(s)}`).join(", ")}var Mr=class extends te{constructor(){super(...arguments);this.list=new J(this,e=>oe("/v1/channels",{},e),4e3);this.stages=new J(this,e=>oe("/v1/stages",{},e),1e4)}render(){let e=this.list.value?.channels;return o`<div class="head"><h1>Channels</h1></div>
      ${X(this.list.problem)}
      ${e?e.length===0?Ve("There are no channels yet.",o`Add one to <code>config.toml</code>, such as <code>[channels.log]</code> with
                  <code>plugin = "builtin:log"</code>. It takes effect while the daemon runs.`):this.table(e):this.list.problem?y:_e()}
      ${this.stagesPanel()}`}table(e){let s=()=>{this.list.load()};return o`<div class="scroll" role="region" aria-label="Channels" tabindex="0">
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
          ${e.map(i=>{let r=["paused","suspended"].includes(i.state);return o`<tr>
              <th scope="row"><a href=${W(["channels",i.name])}>${_(i.name,60)}</a></th>
              <td data-label="State" class="text">
                ${We(i.state)}
                ${i.hold?.reason?o`<div class="faint">${_(i.hold.reason,80)}</div>`:y}
                ${i.error?o`<div class="bad-text">${_(i.error,120)}</div>`:y}
              </td>
              <td data-label="Plugin" class="plugin">
                ${B(i.plugin,40)}
                <div class="faint">
                  ${i.kind?o`${i.kind} ${B(hi(i.digest).slice(0,8))}`:y}
                </div>
              </td>
              <td data-label="Pending" class="number">
                ${Z(i.pending)}
                ${i.in_flight>0?o`<div class="faint">${Z(i.in_flight)} in flight</div>`:y}
                ${i.oldest_pending_at?o`<div class="faint" title="The oldest pending">${Be(i.oldest_pending_at)}</div>`:y}
              </td>
              <td data-label="Success" class="number">
                ${Xs(i.success_rate)}
                ${i.dead_letters>0?o`<div>
                        <a class="bad-text" href=${W(["dead-letters"],{channel:i.name})}
                          >${Z(i.dead_letters)} dead</a
                        >
                      </div>`:y}
              </td>
              <td data-label="p99" class="number">${$t(i.latency?.p99_ms)}</td>
              <td data-label="Last error" class="text">
                ${i.last_error?o`${Ze(i.last_error.class,i.last_error.code)}
                        <div class="faint">${Be(i.last_error.at)}</div>`:o`<span class="faint">none</span>`}
              </td>
              <td class="actions">
                ${r?ke("Resume","play","operate",()=>ur(i,s),{channel:i.name,label:`Resume ${i.name}`}):ke("Pause","pause","operate",()=>pr(i,s),{channel:i.name,label:`Pause ${i.name}`,off:i.state==="unconfigured"?"It is not configured yet.":void 0})}
                ${ke("Test","test","operate",()=>hr(i.name),{channel:i.name,label:`Test ${i.name}`,off:i.digest?void 0:"There is no plugin to call."})}
              </td>
            </tr>`})}
        </tbody>
      </table>
    </div>`}stagesPanel(){let e=this.stages.value?.stages??[];return e.length===0?X(this.stages.problem):o`<section class="panel" aria-labelledby="stages">
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
            ${e.map(s=>o`<tr>
                  <th scope="row">${_(s.name,60)}</th>
                  <td data-label="State" class="text">
                    ${We(s.state)}${s.error?o`<div class="bad-text">${_(s.error,120)}</div>`:y}
                  </td>
                  <td data-label="Plugin" class="plugin">
                    ${B(s.plugin,40)}
                    <div class="faint">${B(hi(s.digest))}</div>
                  </td>
                  <td data-label="Events">
                    ${Object.entries(s.runs).filter(([,i])=>i>0).map(([i,r])=>o`<span class="pair">${i} <b>${Z(r)}</b></span> `)}
                  </td>
                  <td data-label="On failure">${s.on_error==="pass"?"pass the event":"reject the event"}</td>
                  <td data-label="p99" class="number">${$t(s.latency?.p99_ms)}</td>
                  <td data-label="Last error" class="text">
                    ${s.last_error?o`${Ze(s.last_error.class,s.last_error.code)}
                            <div class="faint">${Be(s.last_error.at)}</div>`:o`<span class="faint">none</span>`}
                  </td>
                </tr>`)}
          </tbody>
        </table>
      </div>
    </section>`}};Mr=E([ie("ff-channels")],Mr);var Cr=class extends te{constructor(){super(...arguments);this.shown=new J(this,e=>oe("/v1/config",{},e),5e3)}render(){let e=this.shown.value;if(!e)return o`<h1>Config</h1>
        ${this.shown.problem?X(this.shown.problem):_e()}`;let s=e.last_reload,i=[...new Set(e.keys.map(({key:r})=>r.split(".")[0]??""))];return o`<div class="head">
        <div>
          <h1>Config</h1>
          <p class="faint">${B(e.file,300)}</p>
        </div>
        ${s?o`<div class="control">${We(s.outcome)} <span class="faint">read ${Ne(s.at)}</span></div>`:y}
      </div>
      ${X(this.shown.problem)}
      ${s?.outcome==="rejected"?o`<section class="panel" aria-labelledby="errors">
              <div class="panel-head">
                <h2 id="errors">What is wrong</h2>
                <span class="faint">The previous configuration stays in force.</span>
              </div>
              <ul class="lines">
                ${s.errors.map(r=>o`<li><span class="what bad-text">${Dh(r)}</span></li>`)}
              </ul>
              <p class="faint"><code>fanfare check</code> shows each with its line.</p>
            </section>`:y}
      ${e.keys.some(r=>r.at_restart)?o`<div class="alarm warn">
              ${q("warning")}<span>Some values in the file take effect at the next start.</span>
            </div>`:y}
      <div class="columns">
        <div>${i.map(r=>this.table(r,e))}</div>
        <section class="panel" aria-labelledby="defaults">
          <div class="panel-head">
            <h2 id="defaults"><code>[defaults]</code></h2>
            <span class="faint">of every channel</span>
          </div>
          ${tl(e.defaults,e.defaults_from)}
        </section>
      </div>`}table(e,s){let i=s.keys.filter(({key:r})=>r.startsWith(`${e}.`));return o`<section class="panel" aria-labelledby="table-${e}">
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
          ${i.map(({key:r,value:l,line:d,at_restart:p})=>o`<tr class=${d?"set":""}>
                <th scope="row">${dr(r.slice(e.length+1))}</th>
                <td>
                  ${_(l,300)}${p?o`<div class="warn-text">at the next start: ${_(p,300)}</div>`:y}
                </td>
                <td>
                  ${d?o`<span class="origin">line ${d}</span>`:o`<span class="faint">default</span>`}
                </td>
              </tr>`)}
        </tbody>
      </table>
    </section>`}};Cr=E([ie("ff-config")],Cr);function Dh(t){let[,n,e]=/^(?:channel \S+: )?(.*?:\d+:\d+:)(.*)$/s.exec(t)??[];return n?o`${B(n,300)} ${_(e,1e3)}`:_(t,1e3)}function yd(t){let n=["first","cause","this","effect"],e=f=>f.role==="more"?"effect":f.role,s=n.map(f=>t.filter(v=>e(v)===f)).filter(f=>f.length>0),i=Math.max(1,...s.map(f=>f.length)),r=i*46+(i-1)*12,l=s.map((f,v)=>{let m=f.length*46+(f.length-1)*12,$=(r-m)/2;return f.map((k,A)=>({...k,x:v*292,y:$+A*58,width:208,height:46}))}),d=[];for(let f=1;f<l.length;f+=1)for(let v of l[f-1]??[])for(let m of l[f]??[])d.push({from:{x:v.x+v.width,y:v.y+v.height/2},to:{x:m.x,y:m.y+m.height/2},label:m.by,indirect:v.role==="first"});let p=l.length*208+Math.max(0,l.length-1)*84;return{nodes:l.flat(),edges:d,width:p,height:r}}function wd({from:t,to:n}){let e=(t.x+n.x)/2;return`M${t.x} ${t.y}C${e} ${t.y} ${e} ${n.y} ${n.x} ${n.y}`}var cn=class extends te{constructor(){super(...arguments);this.given=[];this.chosen="";this.label="Channel";this.all=new J(this,e=>oe("/v1/channels",{},e));this.choose=e=>{let{value:s}=e.target;this.dispatchEvent(new CustomEvent("choose",{detail:s}))}}render(){let e=(this.all.value?.channels??[]).filter(i=>i.state!=="unconfigured").map(i=>i.name),s=[...new Set([...this.given,...e])];return o`<select aria-label=${this.label} @change=${this.choose}>
      ${s.map(i=>o`<option value=${i} ?selected=${i===this.chosen}>${be(i,60)}</option>`)}
    </select>`}};E([ue({attribute:!1})],cn.prototype,"given",2),E([ue()],cn.prototype,"chosen",2),E([ue()],cn.prototype,"label",2),cn=E([ie("ff-channel-select")],cn);var Lh=new Set(["specversion","data","data_base64"]),sl=8,dn=class extends te{constructor(){super(...arguments);this.event="";this.source="";this.channel="";this.shown=new J(this,e=>this.load(e));this.chain=new J(this,e=>this.related(e));this.again=()=>{this.shown.load(),this.chain.load()}}load(e){return this.loaded=this.ask(e),this.loaded}async ask(e){let s=`/v1/events/${Ue(this.event)}${di({source:this.source})}`,{value:i,text:r}=await ut("GET",s,void 0,e),l=Cs(r,"event")??"{}";return this.data=Cs(l,"data")??Cs(l,"data_base64"),i}async related(e){let s=await this.loaded;if(!s)return[];let i=s.event,r=i.correlationid,l=i.causationid,d=[];r&&r!==i.id&&r!==l&&d.push({id:r,type:"first of the chain",role:"first"}),l&&d.push({id:l,type:"cause",role:"cause"}),d.push({id:i.id,source:i.source,type:i.type,role:"this",by:xd(i.source)});let f=(await Promise.all(Object.entries(s.result.channels).filter(([,v])=>v.attempts>0).slice(0,12).map(([v])=>oe("/v1/events",{source:`/channels/${v}`,after:s.offset,limit:100},e)))).flatMap(v=>v.events.map(({event:m})=>m)).filter(v=>v.causationid===i.id);for(let v of f.slice(0,sl))d.push({id:v.id,source:v.source,type:v.type,role:"effect",by:xd(v.source)});return f.length>sl&&d.push({id:"",type:`${f.length-sl} more`,role:"more"}),d}connectedCallback(){super.connectedCallback(),this.unfollow=Nn((e,s)=>{e==="settled"&&JSON.parse(s).offset===this.shown.value?.offset&&this.again()})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.()}willUpdate(e){(e.has("event")&&e.get("event")||e.get("source")!==void 0)&&(this.channel="",this.shown.restart(),this.chain.restart())}render(){let e=this.shown.value;if(!e)return o`<h1>Event</h1>
        ${this.shown.problem?o`${X(this.shown.problem)}
                <p><a href="#/events">All events</a></p>`:_e()}`;let s=e.event;return o`<div class="head">
        <div>
          <p class="crumb"><a href="#/events">Events</a> / ${B(s.id,60)}</p>
          <h1>${_(s.type,120)}</h1>
        </div>
        ${mi(e.result.overall_status)}
      </div>
      ${X(this.shown.problem)}
      ${e.incomplete?o`<div class="alarm bad">A damaged part of the journal hides some of this: ${_(e.reason)}</div>`:y}
      ${this.graph()}
      <div class="columns event">
        <div>
          ${this.channels(e)}
          <section class="panel" aria-labelledby="timeline">
            <div class="panel-head"><h2 id="timeline">Timeline</h2></div>
            ${qo(e)}
          </section>
        </div>
        <div>
          <section class="panel" aria-labelledby="data">
            <div class="panel-head"><h2 id="data">Data</h2></div>
            ${this.data===void 0?o`<p class="faint">This event has no data.</p>`:o`<ff-payload .text=${this.data} label="Data"></ff-payload>`}
          </section>
          ${this.facts(e,s)}
        </div>
      </div>`}channels(e){let s=Object.entries(e.result.channels);return o`<section class="panel" aria-labelledby="deliveries">
      <div class="panel-head">
        <h2 id="deliveries">Deliveries</h2>
        ${this.replayer(e)}
      </div>
      ${s.length===0?o`<p class="faint">No channel gets this event. The channels’ filters say why.</p>`:o`<div class="scroll" role="region" aria-label="Table of deliveries" tabindex="0">
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
                  ${s.map(([i,r])=>o`<tr>
                        <th scope="row">
                          <a href=${W(["channels",i])}>${_(i,60)}</a>
                          ${r.fallback_for?o`<div class="faint">fallback for ${_(r.fallback_for,40)}</div>`:y}
                        </th>
                        <td data-label="Status">${mi(r.status)}</td>
                        <td data-label="Attempts" class="number">${r.attempts}</td>
                        <td data-label="Result">
                          ${r.class?o`<div>${Ze(r.class,r.code??"")} ${_(r.error,200)}</div>`:y}
                          ${r.status==="pending"?o`<div class="faint">${ya(r)}</div>`:y}
                          ${r.reason?o`<div>${B(r.reason)} ${_(r.detail,200)}</div>`:y}
                          ${r.receipt?o`<div class="receipt">${B(JSON.stringify(r.receipt),200)}</div>`:y}
                          ${r.status==="failed"?o`<a href=${W(["dead-letters",r.delivery_id])}>dead letter</a>`:y}
                        </td>
                        <td class="actions">
                          ${r.status==="pending"?ke("Drop","trash","operate",()=>jo(r.delivery_id,i,this.again),{channel:i,danger:!0,label:`Drop the delivery to ${i}`}):y}
                        </td>
                      </tr>`)}
                </tbody>
              </table>
            </div>`}
    </section>`}replayer(e){let s=Object.keys(e.result.channels);return o`<div class="control">
      <ff-channel-select
        .given=${s}
        .chosen=${this.channel||s[0]||""}
        label="Channel to send it to"
        @choose=${i=>this.channel=i.detail}
      ></ff-channel-select>
      ${ke("Replay","again","operate",()=>Io(e,this.channel||s[0]||"",this.again),{label:"Replay to this channel"})}
    </div>`}graph(){let e=this.chain.value;if(!e||e.length<2)return y;let{nodes:s,edges:i,width:r,height:l}=yd(e),d=e.map(p=>`${p.role==="this"?"this event":p.role}: ${p.type}`).join(", ");return o`<section class="panel" aria-labelledby="chain">
      <div class="panel-head"><h2 id="chain">Cause and effect</h2></div>
      <div class="graph" tabindex="0" role="region" aria-label="Cause and effect: ${be(d,300)}">
        <svg width=${r+4} height=${l+4} viewBox="-2 -2 ${r+4} ${l+4}">
          ${i.map(p=>ae`<path class="edge ${p.indirect?"indirect":""}" d=${wd(p)} />
              ${p.label?ae`<text class="edge-label" x=${p.to.x-8} y=${p.to.y+(p.to.y>p.from.y?15:-6)}>${be(p.label,14)}</text>`:y}`)}
          ${s.map(p=>{let f=ae`<rect class="node ${p.role}" x=${p.x} y=${p.y} width=${p.width} height=${p.height} rx="7" />
              <text x=${p.x+12} y=${p.y+19}>${be(p.type,27)}</text>
              <text class="faint" x=${p.x+12} y=${p.y+36}>${be(p.id,28)}</text>`;return p.role==="this"||p.role==="more"?ae`<g>${f}</g>`:ae`<a href=${W(["events",p.id],{source:p.source})} ><title>${`${p.role}: ${be(p.type,120)} ${be(p.id,120)}`}</title>${f}</a>`})}
        </svg>
      </div>
    </section>`}facts(e,s){let i=Object.keys(s).filter(r=>!Lh.has(r));return o`<section class="panel" aria-labelledby="attributes">
      <div class="panel-head"><h2 id="attributes">Attributes</h2></div>
      <dl class="facts">
        <div>
          <dt>offset</dt>
          <dd>${e.offset}</dd>
        </div>
        <div>
          <dt>recorded</dt>
          <dd>${Ne(e.result.broadcast_at)}</dd>
        </div>
        ${i.map(r=>o`<div>
              <dt>${_(r,64)}</dt>
              <dd>${B(String(s[r]),1e3)}</dd>
            </div>`)}
      </dl>
    </section>`}};E([ue()],dn.prototype,"event",2),E([ue()],dn.prototype,"source",2),E([Ee()],dn.prototype,"channel",2),dn=E([ie("ff-event")],dn);function xd(t){return/^\/channels\/(.+)$/.exec(t)?.[1]}function nl(t,n,e=96,s=22){let i=vd(t,18),r=bd(i,Math.max(1,Math.floor(i.length/60)));return o`<svg
    class="spark ${n}"
    viewBox="0 -2 ${e} ${s+4}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${ae`<path d=${gd(r,e,s)} />`}
  </svg>`}function Ei(t,n){let e=Math.max(0,Math.min(1,t))*100;return o`<svg class="bar ${n}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    ${ae`<rect class="track" width="100" height="4" /><rect width=${e.toFixed(2)} height="4" />`}
  </svg>`}var il=5e3,kd=3,Pi=class extends te{constructor(){super(...arguments);this.window="hour";this.stats=new J(this,e=>oe("/v1/stats",{},e),il);this.hour=new J(this,e=>oe("/v1/series",{window:"hour"},e),il);this.day=new J(this,e=>oe("/v1/series",{window:"day"},e),6e4);this.channels=new J(this,e=>oe("/v1/channels",{},e),il);this.stages=new J(this,e=>oe("/v1/stages",{},e),1e4);this.latest=new J(this,e=>oe("/v1/events",{order:"newest",limit:8},e))}connectedCallback(){super.connectedCallback(),this.unfollow=Nn(()=>{this.timer??=setTimeout(()=>{this.timer=void 0,this.latest.load()},1e3)})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.(),clearTimeout(this.timer),this.timer=void 0}render(){let e=this.stats.value;return e?o`<div class="head">
        <h1>Overview</h1>
        <p class="faint">Version ${e.version}, up for ${Ln(e.uptime_seconds)}</p>
      </div>
      ${X(this.stats.problem)} ${this.alarms(e)} ${this.tiles(e)} ${this.chart()} ${this.byChannel()}
      <div class="columns">${this.failures(e)} ${this.newest()}</div>`:o`<h1>Overview</h1>
        ${this.stats.problem?X(this.stats.problem):_e()}`}alarms(e){let{journal:s}=e,i=(this.channels.value?.channels??[]).filter(d=>!["active","unconfigured"].includes(d.state)),r=e.last_reload?.outcome==="rejected"?e.last_reload:void 0,l=(this.stages.value?.stages??[]).filter(d=>d.state!=="active");return s.status==="ok"&&l.length===0&&i.length===0&&!r&&e.removed.length===0?y:o`<section class="alarms" aria-label="What needs a look">
      ${s.status==="ok"?y:o`<div class="alarm bad">
              ${q("warning")}<span><b>The journal is ${s.status}.</b> ${_(s.error)}</span>
            </div>`}
      ${r?o`<div class="alarm bad">
              ${q("warning")}<span
                ><b>The last reload was rejected.</b> ${_(r.errors[0],200)}
                <a href="#/config">Config</a></span
              >
            </div>`:y}
      ${l.map(d=>o`<div class="alarm bad">
            ${We(d.state)}
            <span>
              <a href="#/channels"><b>stage ${_(d.name,60)}</b></a> ${_(d.error,140)}
              <span class="faint">${d.on_error==="pass"?"events skip it":"its events are rejected"}</span>
            </span>
          </div>`)}
      ${i.map(d=>{let p=d.hold?.reason||d.error||"";return o`<div class="alarm ${d.state==="paused"?"wait":"warn"}">
          ${We(d.state)}
          <span>
            <a href=${W(["channels",d.name])}><b>${_(d.name,60)}</b></a>
            ${_(p,140)}
            ${d.hold?.until?o`<span class="faint"> · tries again ${Be(d.hold.until)}</span>`:y}
            ${d.pending>0?o`<span class="faint"> · ${Z(d.pending)} pending</span>`:y}
          </span>
        </div>`})}
      ${e.removed.map(d=>o`<div class="alarm warn">
            ${q("warning")}<span
              ><a href=${W(["channels",d.channel])}><b>${_(d.channel,60)}</b></a> is no longer configured
              and has ${Ye(d.pending,"pending delivery","pending deliveries")}.</span
            >
          </div>`)}
    </section>`}tiles(e){let s=this.hour.value,i=this.channels.value?.channels??[],r=i.filter(v=>v.policy?.breaker),l=r.filter(v=>v.state==="open").length,d=i.map(v=>v.oldest_pending_at).filter(v=>v).sort()[0],p=(s?.failed??[]).reduce((v,m)=>v+(m??0),0)*(s?.step_seconds??0),f=[["Accepted","wait",s?.accepted,`${Z(e.totals.accepted)} in all`],["Delivered","ok",s?.delivered,`${Z(e.totals.delivered)} in all`],["Failed","warn",s?.failed,`${Z(p)} attempts, last hour`],["Dead","bad",s?.dead,`${Z(e.totals.dead)} in all`]];return o`<section class="tiles" aria-label="Rates and totals">
      ${f.map(([v,m,$,k])=>o`<div class="tile rate">
            <h2>${v}</h2>
            <div class="number">${bs($?Si($,kd):void 0)}<span class="unit">/s</span></div>
            ${$?nl($,m):y}
            <div class="faint">${k}</div>
          </div>`)}
      <div class="tile">
        <h2>Success rate</h2>
        <div class="number">${Xs(e.totals.success_rate)}</div>
        ${e.totals.success_rate===null||e.totals.success_rate===void 0?y:Ei(e.totals.success_rate,"ok")}
        <div class="faint">${e.totals.mean_attempts?.toFixed(2)??"–"} attempts each</div>
      </div>
      <div class="tile">
        <h2>Pending</h2>
        <div class="number">${Z(e.totals.pending)}</div>
        <div class="faint">${d?o`oldest ${Be(d)}`:"no backlog"}</div>
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
    </section>`}chart(){let e=this.window==="hour"?this.hour:this.day,s=e.value&&Pr(e.value,Nh(e.value)),i=(r,l)=>o`<button aria-pressed=${this.window===r} @click=${()=>this.window=r}>${l}</button>`;return o`<section class="panel" aria-labelledby="throughput">
      <div class="panel-head">
        <h2 id="throughput">Throughput</h2>
        <div class="switch" role="group" aria-label="How far back">
          ${i("hour","Hour")}${i("day","Day")}
        </div>
      </div>
      ${X(e.problem)}
      ${s?o`<ff-chart .times=${s.times} .lines=${s.lines} label="Rates per second over the last ${this.window}"></ff-chart>`:_e()}
    </section>`}byChannel(){let e=this.channels.value?.channels,s=this.hour.value;return e?o`<section class="panel" aria-labelledby="by-channel">
      <div class="panel-head"><h2 id="by-channel">By channel</h2></div>
      ${e.length===0?Ve("There are no channels yet.",o`Add one to <code>config.toml</code>, such as <code>[channels.log]</code> with
                <code>plugin = "builtin:log"</code>. It takes effect while the daemon runs.`):o`<div class="scroll" role="region" aria-label="Channels" tabindex="0">
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
                  ${e.map(i=>{let r=s?.channels[i.name];return o`<tr>
                      <th scope="row"><a href=${W(["channels",i.name])}>${_(i.name,60)}</a></th>
                      <td data-label="State">${We(i.state)}</td>
                      <td data-label="Last hour" class="wide">
                        ${r?nl(r.delivered,"ok",160,20):o`<span class="faint">–</span>`}
                      </td>
                      <td data-label="Now" class="number">
                        <span>${bs(r?Si(r.delivered,kd):0)}<span class="unit">/s</span></span>
                      </td>
                      <td data-label="Pending" class="number">${Z(i.pending)}</td>
                      <td data-label="Dead letters" class="number">
                        ${i.dead_letters>0?o`<a class="bad-text" href=${W(["dead-letters"],{channel:i.name})}
                                >${Z(i.dead_letters)}</a
                              >`:"0"}
                      </td>
                      <td data-label="Success" class="number">${Xs(i.success_rate)}</td>
                      <td data-label="p99" class="number">${$t(i.latency?.p99_ms)}</td>
                    </tr>`})}
                </tbody>
              </table>
            </div>`}
    </section>`:X(this.channels.problem)}failures(e){return o`<section class="panel" aria-labelledby="failures">
      <div class="panel-head"><h2 id="failures">Recent failures</h2></div>
      ${e.recent_failures.length===0?Ve("No attempt has failed since the start.","Failed attempts appear here immediately, with class and code."):o`<ul class="lines">
              ${e.recent_failures.slice(0,8).map(s=>o`<li>
                    <span class="when">${Ne(s.at)}</span>
                    <span class="what">
                      <a href=${W(["channels",s.channel])}>${_(s.channel,40)}</a>
                      ${Ze(s.class,s.code)}
                      <span class="faint">attempt ${s.attempt}</span>
                      <span class="detail">${_(s.error,160)}</span>
                    </span>
                  </li>`)}
            </ul>`}
    </section>`}newest(){let e=this.latest.value;return o`<section class="panel" aria-labelledby="newest">
      <div class="panel-head">
        <h2 id="newest">Latest events</h2>
        <a href="#/events">All events</a>
      </div>
      ${X(this.latest.problem)}
      ${e?.events.length===0?Ve("No event has arrived yet.",rl()):o`<ul class="lines">
              ${e?.events.map(({event:s,result:i})=>{let{id:r,source:l}=s;return o`<li>
                  <span class="when">${Ne(i.broadcast_at)}</span>
                  <span class="what">
                    <a href=${W(["events",r],{source:l})}>${_(i.event_type,60)}</a>
                    <span class="counts">
                      ${i.summary.successful>0?o`<span class="ok-text">${q("success")}${i.summary.successful}<span class="hidden"> delivered</span></span>`:y}
                      ${i.summary.failed>0?o`<span class="bad-text">${q("failed")}${i.summary.failed}<span class="hidden"> failed</span></span>`:y}
                      ${i.summary.pending>0?o`<span class="wait-text">${q("pending")}${i.summary.pending}<span class="hidden"> pending</span></span>`:y}
                      ${i.summary.skipped>0?o`<span class="faint">${q("skipped")}${i.summary.skipped}<span class="hidden"> skipped</span></span>`:y}
                    </span>
                  </span>
                </li>`})}
            </ul>`}
    </section>`}};E([Ee()],Pi.prototype,"window",2),Pi=E([ie("ff-overview")],Pi);function rl(){return o`Send one:
    <pre class="command" tabindex="0">
curl ${location.origin}/v1/events -H 'content-type: application/json' \\
  -d '{"type": "user.signup", "message": "New user registered"}'</pre>`}function Nh(t){return[{name:"Delivered",colour:"ok",values:t.delivered,fill:!0},{name:"Accepted",colour:"wait",values:t.accepted},{name:"Failed",colour:"warn",values:t.failed},{name:"Dead",colour:"bad",values:t.dead}]}var Oh=50,qh=500,Sd=["type","status","channel","source","since","until"],zh=["success","partial","failed","pending","unrouted","cancelled"],Os=class extends te{constructor(){super(...arguments);this.query=new URLSearchParams;this.paused=!1;this.looking=!1;this.missed=0;this.channels=new J(this,e=>oe("/v1/channels",{},e));this.page=new J(this,e=>this.load(e));this.fresh=new Set;this.newest=0;this.look=e=>{this.looking=e,!e&&this.missed>0&&this.soon()};this.toggle=()=>{this.paused=!this.paused,this.paused||this.page.load()};this.filter=e=>{e.preventDefault(),Dn(["events"],this.querySelector("form"))}}load(e){let s=this.query.get("after");return oe("/v1/events",{...To(this.query,new Date),order:"newest",limit:Oh,after:s},e).then(i=>{let r=i.events.map(l=>l.offset);return this.fresh=new Set(this.newest>0?r.filter(l=>l>this.newest):[]),this.newest=Math.max(this.newest,...r,0),this.missed=0,i})}connectedCallback(){super.connectedCallback(),this.unfollow=Nn(e=>{this.stopped?this.missed+=e==="event"?1:0:this.soon()})}disconnectedCallback(){super.disconnectedCallback(),this.unfollow?.(),clearTimeout(this.timer),this.timer=void 0}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&(this.newest=0,this.page.restart())}get stopped(){return this.paused||this.looking||this.query.has("after")}soon(){this.timer??=setTimeout(()=>{this.timer=void 0,this.stopped||this.page.load()},qh)}render(){let e=this.page.value,s=Sd.some(i=>this.query.has(i));return o`<div class="head">
        <h1>Events</h1>
        ${this.control()}
      </div>
      ${this.filters()} ${X(this.page.problem)}
      ${e?e.events.length===0?s||this.query.has("after")?Ve("No event matches.",o`<a href="#/events">Show all events</a>`):Ve("No event has arrived yet.",rl()):this.table(e):this.page.problem?y:_e()}`}control(){if(this.query.has("after"))return o`<a class="button" href=${this.href({after:void 0})}>Back to the newest</a>`;let e=this.paused?"Paused":this.looking?"Paused while you look":"Live";return o`<div class="control">
      <span class="connection ${this.stopped?"wait":"ok"}" role="status"><span class="dot"></span>${e}</span>
      ${this.missed>0?o`<button class="primary" @click=${()=>{this.page.load()}}>${Ye(this.missed,"new event")}</button>`:y}
      <button aria-pressed=${this.paused} @click=${this.toggle}>
        ${q(this.paused?"play":"pause")}${this.paused?"Follow":"Pause"}
      </button>
    </div>`}filters(){let e=this.channels.value?.channels.map(r=>r.name)??[],s=r=>this.query.get(r)??"",i=(r,l,d)=>o`<select name=${r} @change=${this.filter}>
        <option value="" ?selected=${s(r)===""}>${d}</option>
        ${[...new Set([...l,s(r)])].filter(p=>p!=="").map(p=>o`<option value=${p} ?selected=${s(r)===p}>${p}</option>`)}
      </select>`;return o`<form class="filters" role="search" aria-label="Filter events" @submit=${this.filter}>
      <label>Type <input name="type" .value=${s("type")} placeholder="order.*" @change=${this.filter} /></label>
      <label>Status ${i("status",zh,"any")}</label>
      <label>Channel ${i("channel",e,"any")}</label>
      <label
        >Source <input name="source" .value=${s("source")} placeholder="/shop" @change=${this.filter}
      /></label>
      <label
        >Since
        <input name="since" .value=${s("since")} placeholder="15m, or a time" list="spans" @change=${this.filter}
      /></label>
      <label>Until <input name="until" .value=${s("until")} placeholder="a time" @change=${this.filter} /></label>
      <datalist id="spans">
        ${["15m","1h","6h","1d","7d"].map(r=>o`<option value=${r}></option>`)}
      </datalist>
      <button>${q("search")}Filter</button>
      ${Sd.some(r=>this.query.has(r))?o`<a class="button quiet" href="#/events">${q("close")}Clear</a>`:y}
    </form>`}href(e){return W(["events"],{...Object.fromEntries(this.query),...e})}table(e){return o`${e.incomplete?o`<div class="alarm bad">
              ${q("warning")}<span
                >A damaged part of the journal hides events. <code>fanfare doctor</code> shows the extent.</span
              >
            </div>`:y}
      <div class="scroll" role="region" aria-label="Events, newest first" tabindex="0">
        <table
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
            ${e.events.map(({event:s,result:i,offset:r})=>{let{id:l,source:d,subject:p}=s;return o`<tr class=${this.fresh.has(r)?"fresh":""}>
                <td data-label="Recorded" class="narrow">${Ne(i.broadcast_at)}</td>
                <th scope="row" class="long">
                  <a href=${W(["events",l],{source:d})}>${_(i.event_type,80)}</a>
                  <div class="faint">${B(l,60)}${p?o` · ${_(p,40)}`:y}</div>
                </th>
                <td data-label="Status">${mi(i.overall_status)}</td>
                <td data-label="Channels">
                  <div class="chips">
                    ${Object.entries(i.channels).map(([f,v])=>Lo(f,v.status,Hh(f,v)))}
                  </div>
                </td>
                <td data-label="Source">${_(d,40)}</td>
                <td data-label="Offset" class="number">${r}</td>
              </tr>`})}
          </tbody>
        </table>
      </div>
      <div class="pager">
        ${e.next===null||e.next===void 0?y:o`<a class="button" href=${this.href({after:e.next})}>Older ${q("right")}</a>`}
      </div>`}};E([ue({attribute:!1})],Os.prototype,"query",2),E([Ee()],Os.prototype,"paused",2),E([Ee()],Os.prototype,"looking",2),E([Ee()],Os.prototype,"missed",2),Os=E([ie("ff-events")],Os);function Hh(t,n){let e=[`${t}: ${n.status}`,`${Ye(n.attempts,"attempt")}`];return n.code&&e.push(`${n.class} ${n.code}: ${n.error??""}`),n.waiting_for&&e.push(`waiting for ${n.waiting_for}${n.until?` until ${n.until}`:""}`),n.reason&&e.push(`${n.reason}: ${n.detail??""}`),e.join(`
`)}var Mi=class extends te{constructor(){super(...arguments);this.delivery="";this.text="";this.shown=new J(this,async e=>{let{value:s,text:i}=await ut("GET",`/v1/dead-letters/${Ue(this.delivery)}`,void 0,e),r=Cs(i,"event")??"";return this.text=r==="null"?"":r,s});this.channels=new J(this,e=>oe("/v1/channels",{},e))}willUpdate(e){e.has("delivery")&&e.get("delivery")&&this.shown.restart()}render(){let e=this.shown.value;if(!e)return o`<h1>Dead letter</h1>
        ${this.shown.problem?o`${X(this.shown.problem)}
                <p>It may have been redriven or deleted. <a href="#/dead-letters">All dead letters</a></p>`:_e()}`;let s=this.channels.value?.channels.find(l=>l.name===e.channel),i=s?.digest&&e.plugin&&!s.digest.startsWith(e.plugin),r=()=>vs("#/dead-letters");return o`<div class="head">
        <div>
          <p class="crumb"><a href="#/dead-letters">Dead letters</a> / ${B(e.delivery_id)}</p>
          <h1>${_(e.event_type,120)} <span class="faint">to</span> ${_(e.channel,60)}</h1>
        </div>
        <div class="control">
          ${ke("Redrive","again","operate",()=>cs("replay",{delivery_id:e.delivery_id},r),{channel:e.channel})}
          ${ke("Delete","trash","admin",()=>this.purge(e,r),{channel:e.channel,danger:!0})}
        </div>
      </div>
      <div class="alarm bad">
        ${q("failed")}<span>${Ze(e.class,e.code)} ${_(e.error,1e3)}</span>
      </div>
      <div class="columns">
        <section class="panel" aria-labelledby="history">
          <div class="panel-head"><h2 id="history">${Ye(e.history.length,"attempt")}</h2></div>
          <ol class="timeline">
            ${e.history.map(l=>o`<li class=${l.class?"bad":"ok"}>
                  <span class="mark">${q(l.class?"failed":"success")}</span>
                  <div class="step">
                    <div class="step-head">
                      <b>attempt ${l.number}</b>
                      <span class="faint">${l.trigger}</span> ${Ne(l.started)}
                    </div>
                    ${wa(l)}
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
                  <a href=${W(["events",e.event_id],{source:e.source})}>${B(e.event_id)}</a>
                </dd>
              </div>
              <div>
                <dt>source</dt>
                <dd>${B(e.source)}</dd>
              </div>
              <div>
                <dt>offset</dt>
                <dd>${e.offset}</dd>
              </div>
              <div>
                <dt>channel</dt>
                <dd><a href=${W(["channels",e.channel])}>${_(e.channel,60)}</a></dd>
              </div>
              <div>
                <dt>dead since</dt>
                <dd>${Ne(e.at)}</dd>
              </div>
              <div>
                <dt>plugin then</dt>
                <dd>
                  ${B(e.plugin??"none")}${i?o` <span class="faint">replaced since</span>`:""}
                </dd>
              </div>
            </dl>
          </section>
          <section class="panel" aria-labelledby="event">
            <div class="panel-head"><h2 id="event">Event</h2></div>
            ${this.text===""?o`<p class="faint">The event is no longer in the journal.</p>`:o`<ff-payload .text=${this.text} label="Event"></ff-payload>`}
          </section>
        </div>
      </div>`}purge(e,s){ht({title:"Delete this dead letter?",body:"A deleted dead letter cannot be redriven.",phrase:"delete",action:"Delete",danger:!0,act:async()=>(await ut("DELETE",`/v1/dead-letters/${Ue(e.delivery_id)}`),s(),"The dead letter is deleted.")})}};E([ue()],Mi.prototype,"delivery",2),Mi=E([ie("ff-letter")],Mi);var Vh=500,Rr=50,Ih=["channel","type","class","code","since","until"],jh=["retry","throttled","rejected","suspended","trap","fuel","timeout","memory","denied","expired","host"],Ci=class extends te{constructor(){super(...arguments);this.query=new URLSearchParams;this.channels=new J(this,e=>oe("/v1/channels",{},e));this.page=new J(this,e=>this.load(e),5e3);this.jobs=new J(this,e=>oe("/v1/replays",{},e),2e3);this.many=Rr;this.again=()=>{this.page.load(),this.jobs.load()};this.filter=e=>{e.preventDefault(),Dn(["dead-letters"],this.querySelector("form"))}}load(e){let s=this.query.get("after");return oe("/v1/dead-letters",{...or(this.query,new Date),order:"newest",limit:Vh,after:s},e)}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&(this.many=Rr,this.page.restart())}render(){let e=this.page.value,s=or(this.query,new Date),i=cr(s),r=e?.dead_letters.length===0;return o`<div class="head">
        <h1>Dead letters</h1>
        <div class="control">
          ${ke(i?"Redrive these":"Redrive all","again","operate",()=>cs("replay",s,this.again),{off:r?"There is none.":void 0})}
          ${ke(i?"Purge these":"Purge all","trash","admin",()=>cs("purge",s,this.again),{danger:!0,off:r?"There is none.":void 0})}
        </div>
      </div>
      ${this.filters()} ${X(this.page.problem)}
      ${e?r?i?Ve("No dead letter matches.",o`<a href="#/dead-letters">Show all dead letters</a>`):Ve("There are no dead letters.",o`Deliveries that end undelivered appear here with the reason, and can be redriven.`):o`${this.groups(e)} ${this.table(e)}`:this.page.problem?y:_e()}
      ${this.jobsPanel()}`}filters(){let e=this.channels.value?.channels.map(r=>r.name)??[],s=r=>this.query.get(r)??"",i=(r,l)=>o`<select name=${r} @change=${this.filter}>
        <option value="" ?selected=${s(r)===""}>any</option>
        ${[...new Set([...l,s(r)])].filter(d=>d!=="").map(d=>o`<option value=${d} ?selected=${s(r)===d}>${d}</option>`)}
      </select>`;return o`<form class="filters" role="search" aria-label="Filter dead letters" @submit=${this.filter}>
      <label>Channel ${i("channel",e)}</label>
      <label>Type <input name="type" .value=${s("type")} placeholder="order.*" @change=${this.filter} /></label>
      <label>Class ${i("class",jh)}</label>
      <label>Code <input name="code" .value=${s("code")} placeholder="http_503" @change=${this.filter} /></label>
      <label
        >Since <input name="since" .value=${s("since")} placeholder="1d, or a time" @change=${this.filter}
      /></label>
      <label>Until <input name="until" .value=${s("until")} placeholder="a time" @change=${this.filter} /></label>
      <button>${q("search")}Filter</button>
      ${Ih.some(r=>this.query.has(r))?o`<a class="button quiet" href="#/dead-letters">${q("close")}Clear</a>`:y}
    </form>`}groups(e){let s=Po(e.dead_letters),i=e.dead_letters.length,r=Object.fromEntries([...this.query].filter(([l])=>l!=="after"));return o`<section class="panel" aria-labelledby="groups">
      <div class="panel-head">
        <h2 id="groups">By code</h2>
        ${e.next!==null&&e.next!==void 0?o`<span class="faint">of the newest ${Z(i)}</span>`:y}
      </div>
      <ul class="groups">
        ${s.slice(0,12).map(l=>{let d={...or(this.query,new Date),channel:l.channel,class:l.class,code:l.code},p=`${l.code} on ${l.channel}`;return o`<li>
            <div class="group">
              <a
                href=${W(["dead-letters"],{...r,channel:l.channel,class:l.class,code:l.code})}
              >
                ${Ze(l.class,l.code)} <span class="faint">on</span> ${_(l.channel,60)}</a
              >
              <b>${Z(l.items.length)}</b>
            </div>
            ${Ei(l.items.length/i,"bad")}
            <div class="group">
              <span class="faint">${_(l.items[0]?.error,120)}</span>
              <span class="control">
                ${ke("Redrive","again","operate",()=>cs("replay",d,this.again),{channel:l.channel,label:`Redrive ${p}`})}
                ${ke("Purge","trash","admin",()=>cs("purge",d,this.again),{channel:l.channel,danger:!0,label:`Purge ${p}`})}
              </span>
            </div>
          </li>`})}
      </ul>
    </section>`}table(e){let s=e.dead_letters.slice(0,this.many);return o`${e.incomplete?o`<div class="alarm bad">${q("warning")}<span>A damaged part of the journal hides dead letters.</span></div>`:y}
      <div class="scroll" role="region" aria-label="Dead letters, newest first" tabindex="0">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Dead since</th>
              <th scope="col">Event</th>
              <th scope="col">Channel</th>
              <th scope="col">Reason</th>
              <th scope="col" class="number">Attempts</th>
              <th scope="col"><span class="hidden">Actions</span></th>
            </tr>
          </thead>
          <tbody>
            ${s.map(i=>o`<tr>
                  <td data-label="Dead since" class="narrow">${Ne(i.at)}</td>
                  <th scope="row" class="long">
                    <a href=${W(["dead-letters",i.delivery_id])}>${_(i.event_type,80)}</a>
                    <div class="faint">${B(i.event_id,60)}</div>
                  </th>
                  <td data-label="Channel" class="name">
                    <a href=${W(["channels",i.channel])}>${_(i.channel,60)}</a>
                  </td>
                  <td data-label="Reason" class="text">
                    ${Ze(i.class,i.code)}
                    <div class="faint">${_(i.error,140)}</div>
                  </td>
                  <td data-label="Attempts" class="number">${i.attempts}</td>
                  <td class="actions">
                    ${ke("Redrive","again","operate",()=>cs("replay",{delivery_id:i.delivery_id},this.again),{channel:i.channel,label:`Redrive ${i.event_type} to ${i.channel}`})}
                  </td>
                </tr>`)}
          </tbody>
        </table>
      </div>
      <div class="pager">
        ${e.dead_letters.length>this.many?o`<button
                @click=${()=>{this.many+=Rr,this.requestUpdate()}}
              >
                Show ${Math.min(Rr,e.dead_letters.length-this.many)} more
              </button>`:e.next===null||e.next===void 0?y:o`<a
                  class="button"
                  href=${W(["dead-letters"],{...Object.fromEntries(this.query),after:e.next})}
                  >Older ${q("right")}</a
                >`}
      </div>`}jobsPanel(){let e=this.jobs.value?.replays??[];return e.length===0?X(this.jobs.problem):o`<section class="panel" aria-labelledby="jobs">
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
            ${e.slice(0,10).map(s=>{let i=s.state==="running"||s.state==="paused",r=s.sent+s.skipped;return o`<tr>
                <th scope="row">${s.kind} ${s.id}</th>
                <td data-label="State">
                  ${We(s.state)}${s.error?o`<div class="bad-text">${_(s.error,200)}</div>`:y}
                </td>
                <td data-label="What" class="text">${B(JSON.stringify(s.request),160)}</td>
                <td data-label="Progress">
                  ${Z(r)} of ${Z(s.matched)}
                  ${s.matched>0?Ei(r/s.matched,"accent"):y}
                  <div class="faint">
                    ${s.kind==="purge"?y:o`${Ye(s.delivered,"delivered","delivered")}, ${Z(s.dead)} dead, ${Z(s.pending)} pending`}
                    ${s.skipped>0?o`, ${Z(s.skipped)} skipped`:y}
                  </div>
                </td>
                <td data-label="Begun">${Be(s.created_at)}</td>
                <td class="actions">
                  ${i?o`${s.state==="running"?ke("Pause","pause","operate",()=>{this.job(s,"pause")},{label:`Pause job ${s.id}`}):ke("Resume","play","operate",()=>{this.job(s,"resume")},{label:`Resume job ${s.id}`})}
                        ${ke("Cancel","close","operate",()=>this.cancel(s),{danger:!0,label:`Cancel job ${s.id}`})}`:y}
                </td>
              </tr>`})}
          </tbody>
        </table>
      </div>
    </section>`}async job(e,s){await lt(`/v1/replays/${Ue(String(e.id))}/${s}`).catch(()=>{}),this.jobs.load()}cancel(e){ht({title:`Cancel job ${e.id}?`,body:"The job cannot be resumed. Deliveries that it has begun continue.",count:async()=>{let s=await oe(`/v1/replays/${Ue(String(e.id))}`),i=Math.max(0,s.matched-s.sent-s.skipped);return{matched:1,sentence:`${Z(i)} of ${Z(s.matched)} remain.`}},action:"Cancel the job",danger:!0,act:async()=>(await lt(`/v1/replays/${Ue(String(e.id))}/cancel`),this.jobs.load(),`Job ${e.id} is cancelled.`)})}};E([ue({attribute:!1})],Ci.prototype,"query",2),Ci=E([ie("ff-letters")],Ci);var Dr=class extends te{constructor(){super(...arguments);this.list=new J(this,e=>oe("/v1/plugins",{},e),5e3)}render(){let e=this.list.value;return o`<div class="head">
        <h1>Plugins</h1>
        ${ke("Reload","again","admin",()=>this.reload())}
      </div>
      ${X(this.list.problem)}
      ${e?o`${e.plugins.length===0?Ve("No plugin is in use.",o`Copy a <code>.wasm</code> file into the plugins folder, or name one that comes with Fanfare in
                      <code>config.toml</code>: <code>plugin = "builtin:webhook"</code>.`):o`<div class="plugins">${e.plugins.map(s=>this.plugin(s))}</div>`}
            ${this.reloads(e)}`:this.list.problem?y:_e()}`}plugin(e){let s=[...e.channels,...e.stages??[]];return o`<section class="panel plugin">
      <div class="panel-head">
        <h2>${_(e.name,80)}</h2>
        <span class="control">
          ${e.kind?o`<span class="tag">${e.kind}</span>`:y}
          ${e.batches?o`<span class="tag">batches</span>`:y}
          ${e.error?We("failed"):e.configure?We("unconfigured"):We("active")}
        </span>
      </div>
      ${e.error?o`<div class="alarm bad">${_(e.error,1e3)}</div>`:y}
      ${e.configure?o`<p>Add this to <code>config.toml</code>:</p>
              <pre class="command" tabindex="0">${e.configure}</pre>`:y}
      <dl class="facts">
        ${e.file?o`<div>
                <dt>file</dt>
                <dd>${B(e.file,300)}</dd>
              </div>`:y}
        <div>
          <dt>digest</dt>
          <dd title=${e.digest}>
            ${B(hi(e.digest))}${e.size?o` <span class="faint">${Ps(e.size)}</span>`:y}
          </dd>
        </div>
        <div>
          <dt>used by</dt>
          <dd>
            ${s.length===0?o`<span class="faint">nothing</span>`:y}
            ${e.channels.map(i=>o`<a class="chip" href=${W(["channels",i])}>${_(i,60)}</a> `)}
            ${(e.stages??[]).map(i=>o`<a class="chip" href="#/channels">stage ${_(i,60)}</a> `)}
          </dd>
        </div>
        <div>
          <dt>may need</dt>
          <dd>
            ${(e.wants??[]).length===0?o`<span class="faint">none</span>`:(e.wants??[]).map(i=>o`<div><code>${i.grant}</code> <span class="faint">${i.why}</span></div>`)}
          </dd>
        </div>
      </dl>
      <details>
        <summary>
          ${Ye(e.imports?.length??0,"import")}, ${Ye(e.exports?.length??0,"export")}
        </summary>
        <div class="columns">
          <div>
            <h3>Imports</h3>
            ${_d(e.imports)}
          </div>
          <div>
            <h3>Exports</h3>
            ${_d(e.exports)}
          </div>
        </div>
      </details>
    </section>`}reloads(e){return o`<section class="panel" aria-labelledby="reloads">
      <div class="panel-head">
        <h2 id="reloads">Reloads</h2>
        <span class="faint">since the start, newest first</span>
      </div>
      ${e.reloads.length===0?o`<p class="faint">No reload has changed anything yet.</p>`:o`<ul class="lines">
              ${e.reloads.map(s=>o`<li>
                    <span class="when">${Ne(s.at)}</span>
                    <span class="what">
                      ${We(s.outcome)}
                      ${s.changes.map(i=>o`<span class="detail">${_(i,400)}</span>`)}
                      ${s.errors.map(i=>o`<span class="detail bad-text">${_(i,600)}</span>`)}
                      ${s.changes.length+s.errors.length===0?o`<span class="detail">the errors are resolved</span>`:y}
                    </span>
                  </li>`)}
            </ul>`}
    </section>`}reload(){ht({title:"Reload now?",body:"The daemon rereads the configuration and the plugins. If something is wrong, the running version stays.",action:"Reload",act:async()=>{let e=await lt("/v1/reload",void 0).finally(()=>{this.list.load()});return e.changes.length===0?"Nothing has changed.":o`${e.changes.map(s=>o`<div>${_(s,200)}</div>`)}`}})}};Dr=E([ie("ff-plugins")],Dr);function _d(t){return o`<ul class="names">
    ${(t??[]).slice(0,200).map(n=>o`<li>${B(n,200)}</li>`)}
  </ul>`}var pn=class extends te{constructor(){super(...arguments);this.subject="";this.text="{}";this.shown=new J(this,async e=>{let{value:s,text:i}=await ut("GET",this.path,void 0,e);return this.text=i,s})}get path(){return`/v1/recipients/${Ue(this.subject)}`}willUpdate(e){e.has("subject")&&e.get("subject")&&(this.draft=void 0,this.shown.restart())}render(){let e=this.shown.value;if(!e)return o`<h1>Recipient</h1>
        ${this.shown.problem?o`${X(this.shown.problem)}
                <p><a href="#/recipients">All recipients</a></p>`:_e()}`;let s=e.changed_at!==void 0;return o`<div class="head">
        <div>
          <p class="crumb"><a href="#/recipients">Recipients</a></p>
          <h1>${_(e.subject,120)}</h1>
        </div>
        <div class="control">
          ${this.draft===void 0?ke("Edit","config","admin",()=>this.edit(e)):y}
          ${s?ke("Remove","trash","admin",()=>this.unset(),{danger:!0}):y}
        </div>
      </div>
      <p class="faint">
        ${s?o`Set through the API, ${Ne(e.changed_at)}. It overrides the file.`:"From a file of the configuration."}
      </p>
      ${this.draft===void 0?o`<section class="panel"><ff-payload .text=${this.text} label="The recipient"></ff-payload></section>`:o`<section class="panel">
              <label class="field"
                >The recipient as JSON. It replaces the current one.
                <textarea
                  rows="16"
                  spellcheck="false"
                  .value=${this.draft}
                  @input=${i=>this.draft=i.target.value}
                ></textarea>
              </label>
              ${X(this.wrong)}
              <div class="buttons">
                <button @click=${()=>this.draft=void 0}>Cancel</button>
                <button class="primary" ?disabled=${en("admin")!==void 0} @click=${()=>{this.save()}}>
                  Save
                </button>
              </div>
            </section>`}`}edit(e){let{subject:s,source:i,changed_at:r,...l}=e;this.wrong=void 0,this.draft=JSON.stringify(l,null,2)}async save(){try{await ut("PUT",this.path,JSON.parse(this.draft??"{}")),this.draft=void 0,this.wrong=void 0,await this.shown.load(),ba("The recipient is saved.")}catch(e){this.wrong=e instanceof SyntaxError?Pt(`It is not JSON: ${e.message}`):Pt(e)}}unset(){ht({title:"Remove this recipient?",body:"If a file of the configuration has this recipient, that entry applies again.",phrase:"remove",action:"Remove",danger:!0,act:async()=>(await ut("DELETE",this.path),vs("#/recipients"),"The recipient is removed.")})}};E([ue()],pn.prototype,"subject",2),E([Ee()],pn.prototype,"draft",2),E([Ee()],pn.prototype,"wrong",2),pn=E([ie("ff-recipient")],pn);var Ri=class extends te{constructor(){super(...arguments);this.query=new URLSearchParams;this.list=new J(this,e=>oe("/v1/recipients",{prefix:this.query.get("prefix"),after:this.query.get("after"),limit:100},e));this.filter=e=>{e.preventDefault(),vs(W(["recipients"],{prefix:this.querySelector("input")?.value.trim()}))}}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&this.list.restart()}render(){let e=this.list.value;return o`<div class="head"><h1>Recipients</h1></div>
      <form class="filters" role="search" aria-label="Find recipients" @submit=${this.filter}>
        <label
          >Subject begins with <input name="prefix" .value=${this.query.get("prefix")??""} placeholder="usr_"
        /></label>
        <button>${q("search")}Find</button>
        ${this.query.has("prefix")?o`<a class="button quiet" href="#/recipients">${q("close")}Clear</a>`:y}
      </form>
      ${X(this.list.problem)}
      ${e?e.recipients.length===0?this.query.has("prefix")?Ve("No recipient matches.",o`<a href="#/recipients">Show all recipients</a>`):Ve("There are no recipients.",o`An event's <code>subject</code> names its recipient, with addresses and preferences. Configure a
                    file with <code>[recipients]</code> in <code>config.toml</code>, or set one here:
                    <pre class="command" tabindex="0">
curl -X PUT ${location.origin}/v1/recipients/usr_1 -H 'content-type: application/json' \\
  -d '{"email": "ada@example.com", "locale": "de"}'</pre>`):o`<div class="scroll" role="region" aria-label="Recipients" tabindex="0">
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
                      ${e.recipients.map(s=>o`<tr>
                            <th scope="row">
                              <a href=${W(["recipients",s.subject])}>${_(s.subject,80)}</a>
                            </th>
                            <td data-label="Email">
                              ${s.email?_(s.email,80):o`<span class="faint">–</span>`}
                            </td>
                            <td data-label="Phone">
                              ${s.phone?_(s.phone,40):o`<span class="faint">–</span>`}
                            </td>
                            <td data-label="Locale">
                              ${s.locale?_(s.locale,20):o`<span class="faint">–</span>`}
                            </td>
                            <td data-label="Quiet hours">${Fh(s.quiet)}</td>
                            <td data-label="From">
                              ${s.source}${s.changed_at?o` <span class="faint">${Be(s.changed_at)}</span>`:y}
                            </td>
                          </tr>`)}
                    </tbody>
                  </table>
                </div>
                ${e.next?o`<div class="pager">
                        <a
                          class="button"
                          href=${W(["recipients"],{prefix:this.query.get("prefix"),after:e.next})}
                          >More ${q("right")}</a
                        >
                      </div>`:y}`:this.list.problem?y:_e()}`}};E([ue({attribute:!1})],Ri.prototype,"query",2),Ri=E([ie("ff-recipients")],Ri);function Fh(t){if(!t)return o`<span class="faint">the channel's</span>`;if(t==="none")return"none";let n=Array.isArray(t)?t:[t];return _(n.map(e=>`${e.from}–${e.to} ${e.zone}`).join("; "),100)}var Di=class extends te{constructor(){super(...arguments);this.type="";this.example="";this.shown=new J(this,async e=>{let{value:s,text:i}=await ut("GET",`/v1/schemas/${Ue(this.type)}`,void 0,e);return this.example=Cs(i,"example")??"",s})}willUpdate(e){e.has("type")&&e.get("type")&&this.shown.restart()}render(){let e=this.shown.value;return e?o`<div class="head">
        <div>
          <p class="crumb"><a href="#/schemas">Schemas</a></p>
          <h1>${_(e.type,120)}</h1>
        </div>
        <a class="button" href=${W(["events"],{type:e.type})}>${Z(e.events)} events</a>
      </div>
      <p class="faint">The newest arrived ${Be(e.last_seen)}.</p>
      <div class="columns">
        <section class="panel" aria-labelledby="example">
          <div class="panel-head"><h2 id="example">The newest event</h2></div>
          ${this.example?o`<ff-payload .text=${this.example} label="The newest event"></ff-payload>`:o`<p class="faint">The event is no longer in the journal.</p>`}
        </section>
        <div>
          ${e.definitions.length===0?o`<section class="panel">
                  <h2>No schema</h2>
                  <p class="faint">Events of this type are accepted whatever their data.</p>
                </section>`:e.definitions.map(s=>o`<section class="panel">
                      <div class="panel-head">
                        <h2>${B(s.name)}</h2>
                        <span class="tag">${s.mode}</span>
                      </div>
                      <p class="faint">
                        ${B(s.file,200)}, ${Z(s.mismatches)} mismatches since the start
                      </p>
                      <ff-payload
                        .text=${JSON.stringify(s.schema??null)}
                        label=${`Schema ${s.name}`}
                      ></ff-payload>
                    </section>`)}
        </div>
      </div>`:o`<h1>Type</h1>
        ${this.shown.problem?o`${X(this.shown.problem)}
                <p><a href="#/schemas">All types</a></p>`:_e()}`}};E([ue()],Di.prototype,"type",2),Di=E([ie("ff-schema")],Di);var Li=class extends te{constructor(){super(...arguments);this.query=new URLSearchParams;this.list=new J(this,e=>oe("/v1/schemas",{type:this.query.get("type"),after:this.query.get("after"),examples:"false",limit:100},e),1e4);this.filter=e=>{e.preventDefault(),vs(W(["schemas"],{type:this.querySelector("input")?.value.trim()}))}}willUpdate(e){e.has("query")&&e.get("query")!==void 0&&this.list.restart()}render(){let e=this.list.value;return o`<div class="head"><h1>Schemas</h1></div>
      <form class="filters" role="search" aria-label="Filter types" @submit=${this.filter}>
        <label>Type <input name="type" .value=${this.query.get("type")??""} placeholder="order.*" /></label>
        <button>${q("search")}Filter</button>
        ${this.query.has("type")?o`<a class="button quiet" href="#/schemas">${q("close")}Clear</a>`:y}
      </form>
      ${X(this.list.problem)}
      ${e?o`${this.types(e)} ${this.schemas(e)}`:this.list.problem?y:_e()}`}types(e){return o`<section class="panel" aria-labelledby="types">
      <div class="panel-head">
        <h2 id="types">Types of events</h2>
        ${e.counted.others>0?o`<span class="faint">${Z(e.counted.others)} events are of types beyond the limit that is counted</span>`:y}
      </div>
      ${e.types.length===0?this.query.has("type")?Ve("No type matches.",o`<a href="#/schemas">Show all types</a>`):Ve("No event has arrived yet.","Each type of event appears here with its count, its newest event and its schema."):o`<div class="scroll" role="region" aria-label="Table of types" tabindex="0">
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
                  ${e.types.map(s=>o`<tr>
                        <th scope="row"><a href=${W(["schemas",s.type])}>${_(s.type,120)}</a></th>
                        <td data-label="Events" class="number">
                          <a href=${W(["events"],{type:s.type})}>${Z(s.events)}</a>
                        </td>
                        <td data-label="Newest">${Be(s.last_seen)}</td>
                        <td data-label="Schemas">
                          ${s.schemas.length===0?o`<span class="faint">none</span>`:s.schemas.map(i=>o`<span class="pair">${B(i)}</span> `)}
                        </td>
                      </tr>`)}
                </tbody>
              </table>
            </div>`}
      ${e.next?o`<div class="pager"><a class="button" href=${W(["schemas"],{type:this.query.get("type"),after:e.next})}>More ${q("right")}</a></div>`:y}
    </section>`}schemas(e){return o`<section class="panel" aria-labelledby="in-force">
      <div class="panel-head"><h2 id="in-force">Schemas in force</h2></div>
      ${e.schemas.length===0?o`<p class="faint">
              None: every event is accepted. <code>[schemas."user.signup"]</code> in <code>config.toml</code> names a
              JSON Schema for a type.
            </p>`:o`<div class="scroll" role="region" aria-label="Table of schemas" tabindex="0">
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
                  ${e.schemas.map(s=>o`<tr>
                        <th scope="row">
                          ${B(s.name)}${s.dataschema?o`<div class="faint">${B(s.dataschema)}</div>`:y}
                        </th>
                        <td data-label="On mismatch">${s.mode==="warn"?"accept, and count":"reject"}</td>
                        <td data-label="File">${B(s.file,200)}</td>
                        <td data-label="Mismatches" class="number">
                          ${s.mismatches>0?o`<span class="bad-text">${Z(s.mismatches)}</span>`:"0"}
                        </td>
                      </tr>`)}
                </tbody>
              </table>
            </div>`}
    </section>`}};E([ue({attribute:!1})],Li.prototype,"query",2),Li=E([ie("ff-schemas")],Li);var un=class extends te{constructor(){super(...arguments);this.ended=!1;this.busy=!1;this.submit=async e=>{e.preventDefault();let s=this.querySelector("input");if(!(!s||this.busy)){this.busy=!0,this.problem=void 0;try{await oo(s.value.trim())}catch(i){let r=Pt(i);this.problem=r.status===401?new Jt(401,"The token is not valid",r.detail):r,s.select()}this.busy=!1}}}firstUpdated(){this.querySelector("input")?.focus()}render(){return o`<main class="sign-in" id="content">
      <form @submit=${this.submit}>
        <p class="wordmark"><img src="/dashboard.svg" alt="" width="36" height="36" />Fanfare</p>
        <h1>Sign in</h1>
        ${this.ended?o`<p role="status">Your session has ended.</p>`:y}
        <label class="field"
          >Access token
          <input type="password" name="token" autocomplete="current-password" required spellcheck="false" />
        </label>
        ${X(this.problem)}
        <button class="primary" ?disabled=${this.busy}>${this.busy?"Signing in …":"Sign in"}</button>
        <p class="faint">
          Tokens are set in the daemon’s configuration. The browser keeps only a session cookie that scripts cannot
          read.
        </p>
      </form>
    </main>`}};E([ue({type:Boolean})],un.prototype,"ended",2),E([Ee()],un.prototype,"busy",2),E([Ee()],un.prototype,"problem",2),un=E([ie("ff-sign-in")],un);var Uh=5e3,Ad=[{page:"overview",name:"Overview",icon:"overview"},{page:"events",name:"Events",icon:"events"},{page:"channels",name:"Channels",icon:"channels"},{page:"dead-letters",name:"Dead letters",icon:"letters"},{page:"plugins",name:"Plugins",icon:"plugins"},{page:"schemas",name:"Schemas",icon:"schemas"},{page:"recipients",name:"Recipients",icon:"recipients",whole:!0},{page:"config",name:"Config",icon:"config",whole:!0},{page:"audit",name:"Audit trail",icon:"audit",scope:"admin"}],Td=t=>Ad.find(n=>n.page===t),Ed=({scope:t,whole:n})=>en(t??"read")??(n?po():void 0),Jn=class extends te{constructor(){super(...arguments);this.route=pa(location.hash);this.open=!1;this.session=new ls(this,os);this.theme=new ls(this,tn);this.live=new ls(this,Ct);this.reached=new ls(this,nr);this.notices=new ls(this,On);this.moved=async()=>{if(!location.hash.startsWith("#/")&&location.hash!=="")return;let e=this.route;this.route=pa(location.hash),this.open=!1,this.name(),await this.updateComplete,(e.page!==this.route.page||e.rest.join("/")!==this.route.rest.join("/"))&&(window.scrollTo(0,0),this.querySelector("#content")?.focus({preventScroll:!0}))}}connectedCallback(){super.connectedCallback(),addEventListener("hashchange",this.moved),this.name(),ga()}disconnectedCallback(){super.disconnectedCallback(),removeEventListener("hashchange",this.moved)}name(){let[e]=this.route.rest,s=Td(this.route.page)?.name??"Not found";document.title=`${e?`${be(e,60)} · `:""}${s} · Fanfare`}render(){let e=this.session.value;return e.state==="out"?o`<ff-sign-in .ended=${e.ended}></ff-sign-in>`:o`<a class="skip" href="#content" @click=${this.skip}>Skip to the content</a>
      <div class="side">
        <header class="top">
          <a class="wordmark" href="#/"><img src="/dashboard.svg" alt="" width="26" height="26" />Fanfare</a>
          <button
            class="quiet menu"
            aria-expanded=${this.open}
            aria-controls="navigation"
            @click=${()=>this.open=!this.open}
          >
            ${q(this.open?"close":"menu")}<span class="hidden">Menu</span>
          </button>
          <nav id="navigation" aria-label="Pages" class=${this.open?"open":""}>
            ${e.state==="in"&&!en("read")?o`<ff-navigation .page=${this.route.page}></ff-navigation>`:y}
            <div class="foot">${this.connection()} ${this.themes()} ${this.who()}</div>
          </nav>
        </header>
      </div>
      <main id="content" tabindex="-1">
        ${e.state==="failed"?X(e.problem):y} ${e.state==="in"?this.page():y}
      </main>
      ${go(this.notices.value)}
      <ff-dialog></ff-dialog>`}page(){let{page:e,rest:s,query:i}=this.route,[r]=s,l=Td(e),d=l&&Ed(l);if(d)return o`<h1>${l.name}</h1>
        ${Ve("This page is not for your token.",`${d} Sign out to use another one.`)}`;switch(e){case"overview":return o`<ff-overview></ff-overview>`;case"events":return r?o`<ff-event .event=${r} .source=${i.get("source")??""}></ff-event>`:o`<ff-events .query=${i}></ff-events>`;case"channels":return r?o`<ff-channel .channel=${r}></ff-channel>`:o`<ff-channels></ff-channels>`;case"dead-letters":return r?o`<ff-letter .delivery=${r}></ff-letter>`:o`<ff-letters .query=${i}></ff-letters>`;case"plugins":return o`<ff-plugins></ff-plugins>`;case"schemas":return r?o`<ff-schema .type=${r}></ff-schema>`:o`<ff-schemas .query=${i}></ff-schemas>`;case"recipients":return r?o`<ff-recipient .subject=${r}></ff-recipient>`:o`<ff-recipients .query=${i}></ff-recipients>`;case"config":return o`<ff-config></ff-config>`;case"audit":return o`<ff-audit .query=${i}></ff-audit>`;default:return o`<h1>Page not found</h1>
          <p><a href="#/">Go to the overview</a>.</p>`}}connection(){let e={idle:["ok","Up to date"],connecting:["wait","Connecting …"],open:["ok","Live"],broken:["bad","Stream lost"]},[s,i]=this.reached.value?e[this.live.value.state]:["bad","Not reachable"];return o`<span class="connection ${s}" role="status"><span class="dot"></span>${i}</span>`}themes(){return o`<div class="themes" role="group" aria-label="Colours">
      ${[["system","system","System colours"],["light","sun","Light"],["dark","moon","Dark"]].map(([s,i,r])=>o`<button
            class="quiet"
            title=${r}
            aria-label=${r}
            aria-pressed=${this.theme.value===s}
            @click=${()=>uo(s)}
          >
            ${q(i)}
          </button>`)}
    </div>`}who(){let e=this.session.value;return e.state==="in"&&e.who.required?o`<div class="who">
          <span title=${`Scopes: ${e.who.scopes.join(", ")}`}>${be(e.who.name??"",40)}</span>
          <button class="quiet" @click=${()=>{co()}}>${q("out")}Sign out</button>
        </div>`:y}skip(e){e.preventDefault(),this.querySelector("#content")?.focus()}};E([Ee()],Jn.prototype,"route",2),E([Ee()],Jn.prototype,"open",2),Jn=E([ie("ff-app")],Jn);var Ni=class extends te{constructor(){super(...arguments);this.stats=new J(this,e=>oe("/v1/stats",{},e),Uh)}render(){let s=Object.values(this.stats.value?.channels??{}).reduce((l,d)=>l+d.dead_letters,0),i=this.stats.value?.last_reload?.outcome==="rejected",r={"dead-letters":s>0?o`<span class="badge bad">${Z(s)}<span class="hidden"> dead letters</span></span>`:y,config:i?o`<span class="badge bad">!<span class="hidden"> the last reload was rejected</span></span>`:y};return o`<ul>
      ${Ad.filter(l=>!Ed(l)).map(({page:l,name:d,icon:p})=>o`<li>
            <a href=${W(l==="overview"?[]:[l])} aria-current=${l===this.page?"page":"false"}>
              ${q(p)}<span>${d}</span>${r[l]??y}
            </a>
          </li>`)}
    </ul>`}};Ni.properties={page:{}},Ni=E([ie("ff-navigation")],Ni);export{Jn as App,Ni as Navigation};
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
