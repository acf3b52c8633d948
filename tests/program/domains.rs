//! What `guichet check` says of a desk's domain, by what a name server says of it.

use crate::configuration::Configuration;
use crate::name_server::{NameServer, Odd};
use crate::support::Guichet;

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_told_with_where_its_mail_goes_and_who_may_write_in_its_name() {
    let names = NameServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let server = names.settings().servers[0].to_string();
    let by_dns = format!("authentication = \"dns\"\nresolvers = [{server:?}]");
    let house = Configuration::new().with_lines("[[mailbox]]", "authserv_id", &by_dns);
    house.with_key("[[desk]]", "addresses", "[\"aide@bureau.quebec\"]").write(folder.path());
    let told = || {
        let output = Guichet::run(folder.path(), &["check"]);
        let said = String::from_utf8(output.stdout).unwrap();
        let after = said.split_once("domain bureau.quebec: ").unwrap_or_else(|| panic!("{said}")).1.to_owned();
        after.split("\n✓").next().unwrap().split("\n✗").next().unwrap().to_owned()
    };
    assert!(told().contains("it has no MX record") && told().contains("Publish `bureau.quebec. IN MX"), "{}", told());
    names.exchange("bureau.quebec", "mx.bureau.quebec.");
    assert!(told().contains("it has no SPF record"), "{}", told());
    names.text("bureau.quebec", "v=spf1 mx -all");
    assert!(told().starts_with("MX mx.bureau.quebec.; SPF; no DMARC record"), "{}", told());
    names.text("_dmarc.bureau.quebec", "v=DMARC1; p=reject");
    assert_eq!(told(), "MX mx.bureau.quebec.; SPF; DMARC asks for reject");
    names.text("bureau.quebec", "v=spf1 a -all");
    assert!(told().contains("it has 2 SPF records, and so none counts"), "{}", told());
    names.forget("bureau.quebec");
    names.exchange("bureau.quebec", ".");
    assert!(told().contains("it has no MX record"), "a null MX (RFC 7505) takes no mail: {}", told());
    names.is("bureau.quebec", Odd::Fails);
    let said = String::from_utf8(Guichet::run(folder.path(), &["check"]).stdout).unwrap();
    assert!(said.contains("– not tried: MX, SPF and DMARC of bureau.quebec: name servers do not answer"), "{said}");
}
