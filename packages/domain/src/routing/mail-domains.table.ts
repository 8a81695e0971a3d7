/**
 * Domains that say nothing about a company. No list is whole: a policy adds to them (`excluded` in policy.yaml), and what is missed goes to people by the
 * matcher's other rules, never to a wrong account.
 */

/** Mail for private persons. */
export const FREE_MAIL = `
gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es live.com live.co.uk live.de
live.fr live.nl msn.com passport.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.co.jp yahoo.co.in yahoo.com.br yahoo.ca ymail.com
rocketmail.com aol.com aim.com icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de
freenet.de arcor.de mail.de posteo.de posteo.net mailbox.org tutanota.com tutanota.de tuta.io tuta.com fastmail.com fastmail.fm hey.com zoho.com zohomail.com
mail.com email.com usa.com yandex.ru yandex.com ya.ru mail.ru bk.ru list.ru inbox.ru rambler.ru qq.com foxmail.com 163.com 126.com yeah.net sina.com sohu.com
aliyun.com naver.com daum.net hanmail.net orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr libero.it virgilio.it tiscali.it alice.it tin.it
telefonica.net terra.com.br uol.com.br bol.com.br ig.com.br wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz azet.sk abv.bg mail.bg ziggo.nl kpnmail.nl
planet.nl telenet.be skynet.be bluewin.ch hispeed.ch btinternet.com sky.com talktalk.net virginmedia.com comcast.net verizon.net att.net sbcglobal.net
bellsouth.net cox.net charter.net earthlink.net shaw.ca rogers.com bigpond.com optusnet.com.au rediffmail.com duck.com
`;

/** Mail boxes that are thrown away. */
export const DISPOSABLE = `
mailinator.com guerrillamail.com guerrillamail.net guerrillamail.org sharklasers.com grr.la 10minutemail.com 10minutemail.net temp-mail.org temp-mail.io
tempmail.com tempmail.net tempmailo.com throwawaymail.com yopmail.com yopmail.fr yopmail.net getnada.com nada.email trashmail.com trashmail.de trashmail.net
wegwerfmail.de wegwerfemail.de spamgourmet.com maildrop.cc mailnesia.com mintemail.com dispostable.com fakeinbox.com mohmal.com emailondeck.com moakt.com
discard.email mytemp.email burnermail.io inboxkitten.com tempr.email mailcatch.com spam4.me einrot.com mail-temp.com minuteinbox.com
`;

/**
 * Reserved for tests by RFC 2606 and RFC 6761. `.example` is reserved for documents: our own stories and examples are full of customers there, and nobody can
 * have a mail box at one, so it is left to policies.
 */
export const TEST_DOMAINS = `test invalid localhost local example.com example.net example.org`;
