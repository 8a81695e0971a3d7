/** How the page for people looks. */
export const STYLE = `body{font:14px/1.45 system-ui,sans-serif;margin:0;color:#37352f}header{background:#f7f6f3;padding:12px 20px;border-bottom:1px solid #e9e9e7}
header a{color:inherit}main{padding:16px 20px}table{border-collapse:collapse;margin-top:8px}th,td{border:1px solid #e9e9e7;padding:5px 8px;text-align:left;vertical-align:top;max-width:360px}
th{color:#787774;font-weight:500}td a{color:inherit;font-weight:500}.quiet{color:#787774}form{margin:6px 0}form.edit{max-width:760px;display:grid;gap:10px}label{display:grid;gap:3px;color:#787774}
input,textarea,select{font:inherit;padding:6px;border:1px solid #e0e0de;border-radius:4px}button{font:inherit;padding:6px 12px;border:0;border-radius:4px;background:#2383e2;color:#fff;cursor:pointer}
.error{background:#fdebec;padding:10px;border-radius:4px}`;
