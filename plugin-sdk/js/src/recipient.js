import { recipient as host } from "#host";

export const recipient = {
  current() {
    const who = host.current();
    if (!who) return undefined;
    const { subject, email, phone, push, locale, attributes } = who;
    // Some engines have `null` for what is absent.
    return {
      subject,
      email: email ?? undefined,
      phone: phone ?? undefined,
      push: [...push],
      locale: locale ?? undefined,
      attributes: Object.fromEntries(attributes),
    };
  },
};
