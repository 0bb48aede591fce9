/// The style sheet of a report's page: one column on a phone, two on a wide screen and in print, where it is dark on
/// white whatever the screen was.
///
/// It stands in the page as it is, so it must do without the characters that XML escapes.
enum ReportStyle {
    static let text = """
        :root{color-scheme:light dark;--text:\(Ink.text.light);--muted:\(Ink.muted.light);--rule:\(Ink.rule.light);
        --band:\(Ink.band.light);--surface:\(Ink.surface.light)}
        *{box-sizing:border-box}
        body{margin:0;background:var(--surface);color:var(--text);font:1rem/1.45 system-ui,sans-serif;
        -webkit-text-size-adjust:100%}
        header,main,footer{max-width:1000px;margin:0 auto;padding:0 14px}
        header{padding-top:20px}
        h1{font-size:1.6rem;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
        h2{font-size:1.1rem;line-height:1.3;margin:0 0 4px}
        p{margin:0 0 10px}
        .muted,figcaption,footer{color:var(--muted)}
        figcaption,footer,table,dl{font-size:.875rem}
        figcaption{max-width:520px}
        .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(156px,1fr));gap:10px;margin:16px 0 0}
        .figures div{background:var(--band);border-radius:8px;padding:10px 12px}
        .figures dt{color:var(--muted)}
        .figures dd{margin:0;font-size:1.35rem;font-weight:600;line-height:1.25;font-variant-numeric:tabular-nums;
        overflow-wrap:anywhere}
        .figures small{display:block;margin-top:3px;font-size:.8125rem;line-height:1.35;font-weight:400;color:var(--muted)}
        dl{margin-bottom:0}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:0 40px}
        section,figure{margin:28px 0 0;min-width:0}
        figure svg{display:block;width:100%;max-width:520px;height:auto;margin:6px 0}
        figure figure{margin:18px 0 0}
        h3{font-size:1rem;margin:0}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{padding:4px 14px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
        th:last-child,td:last-child{padding-right:0}
        th{font-weight:600}
        thead th{color:var(--muted);font-weight:400}
        td small{display:block;font-size:max(11px,.75rem);color:var(--muted)}
        .number{text-align:right;white-space:nowrap}
        .whole{white-space:nowrap}
        code{font:max(11px,.8125rem)/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
        .origin dt{color:var(--muted);margin-top:8px}
        .origin dd{margin:0}
        h3+.settings{margin-top:6px}.origin+h3{margin-top:22px}
        .settings{columns:2 300px;column-gap:40px}
        .settings div{display:flex;justify-content:space-between;gap:14px;border-bottom:1px solid var(--rule);
        padding:3px 0;break-inside:avoid}
        .settings dd{margin:0;text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        details{margin-top:14px}
        summary{cursor:pointer;padding:6px 0}
        footer{padding-top:28px;padding-bottom:28px}
        @media (max-width:480px){th,td{padding-right:8px}.figures{gap:8px}.figures div{padding:8px 10px}
        table{font-size:.8125rem}}
        @media screen and (prefers-color-scheme:dark){
        :root{--text:\(Ink.text.dark);--muted:\(Ink.muted.dark);--rule:\(Ink.rule.dark);--band:\(Ink.band.dark);
        --surface:\(Ink.surface.dark)}
        \(Ink.darkRules)
        }
        @media print{
        @page{margin:12mm}
        :root{color-scheme:light;font-size:13.6px}
        body{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        header,main,footer{max-width:none;padding-left:0;padding-right:0}
        .pair{grid-template-columns:1fr 1fr;gap:0 22px}
        .figures{grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:6px}
        figure,table,.figures{break-inside:avoid}
        section,figure{margin-top:14px}
        .scroll{overflow:visible}
        td small{display:inline;margin-left:6px}
        .origin dt{float:left;clear:left;width:80px;margin-top:2px}
        .origin dd{margin-left:90px;margin-top:2px}
        h2,h3{break-after:avoid}
        details{display:none}
        }
        """
}
