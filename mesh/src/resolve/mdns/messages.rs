//! The messages of multicast DNS, with the records that Dapr's sidecars send.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use simple_dns::rdata::{PTR, RData, SRV, TXT};
use simple_dns::{
    CLASS, CharacterString, Label, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, ResourceRecord, TYPE,
};

/// How long a record of a service may be kept, in seconds.
const TTL: u32 = 3200;
/// How long an address may be kept, in seconds.
const ADDRESS_TTL: u32 = 120;
/// The name under which all types of services can be asked for.
const ALL_TYPES: [&str; 4] = ["_services", "_dns-sd", "_udp", "local"];

/// An app that others can find.
#[derive(Clone, Debug)]
pub(super) struct Service {
    /// The app's id, which is the type of the service.
    pub(super) app_id: String,
    /// The name of this one service of the type.
    pub(super) instance: String,
    /// The machine's name, without domain.
    pub(super) host: String,
    /// The port for other sidecars.
    pub(super) port: u16,
    /// Where that port is.
    pub(super) address: IpAddr,
}

/// What a message says of an app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Told {
    pub(super) app_id: String,
    pub(super) address: SocketAddr,
    /// It said goodbye.
    pub(super) gone: bool,
}

/// A message that cannot be written: a name is too long.
type Result<T> = std::result::Result<T, simple_dns::SimpleDnsError>;

/// A name of the domain `local` from labels. A dot in one of them begins another, as it does for Dapr.
fn name(parts: &[&str]) -> Result<Name<'static>> {
    let labels = parts.iter().flat_map(|part| part.split('.')).filter(|label| !label.is_empty());
    let labels: Result<Vec<_>> = labels.map(|label| Label::new(label.as_bytes().to_vec())).collect();
    Ok(Name::new_with_labels(&labels?))
}

/// A name as its labels, case and all.
fn labels(name: &Name<'_>) -> Vec<Vec<u8>> {
    name.as_bytes().map(<[u8]>::to_vec).collect()
}

/// The question for an app.
pub(super) fn query(app_id: &str) -> Result<Vec<u8>> {
    let mut packet = Packet::new_query(0);
    packet.questions.push(question(name(&[app_id, "local"])?));
    packet.build_bytes_vec_compressed()
}

fn question(name: Name<'static>) -> Question<'static> {
    Question::new(name, QTYPE::TYPE(TYPE::PTR), QCLASS::CLASS(CLASS::IN), false)
}

impl Service {
    fn kind(&self) -> Result<Name<'static>> {
        name(&[&self.app_id, "local"])
    }

    fn own_name(&self) -> Result<Name<'static>> {
        name(&[&self.instance, &self.app_id, "local"])
    }

    fn host_name(&self) -> Result<Name<'static>> {
        let host = self.host.trim_end_matches('.');
        name(&[host.strip_suffix(".local").unwrap_or(host), "local"])
    }

    /// The question whether somebody has this name already.
    pub(super) fn probe(&self) -> Result<Vec<u8>> {
        let mut packet = Packet::new_query(0);
        packet.questions.push(question(self.own_name()?));
        packet.name_servers = vec![self.srv(TTL)?, self.txt(TTL)?];
        packet.build_bytes_vec_compressed()
    }

    /// Says that the service is there.
    pub(super) fn announcement(&self) -> Result<Vec<u8>> {
        self.unasked(TTL, ADDRESS_TTL)
    }

    /// Says that it is there no more.
    pub(super) fn goodbye(&self) -> Result<Vec<u8>> {
        self.unasked(0, 0)
    }

    fn unasked(&self, ttl: u32, address_ttl: u32) -> Result<Vec<u8>> {
        let mut packet = Packet::new_reply(0);
        packet.answers = self.whole(ttl)?;
        packet.answers.push(self.host_record(address_ttl)?.with_cache_flush(true));
        packet.build_bytes_vec_compressed()
    }

    /// The answer to a question, if it is for this service. Names are compared case and all.
    pub(super) fn answer(&self, id: u16, asked: &Question<'_>) -> Result<Option<Vec<u8>>> {
        let mut packet = Packet::new_reply(id);
        packet.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
        let asked = labels(&asked.qname);
        if asked == labels(&self.kind()?) {
            packet.answers = vec![self.pointer(self.kind()?, self.own_name()?, TTL)];
            packet.additional_records = vec![self.srv(TTL)?, self.txt(TTL)?, self.host_record(ADDRESS_TTL)?];
        } else if asked == labels(&self.own_name()?) {
            packet.answers = self.whole(TTL)?;
            packet.answers.push(self.host_record(ADDRESS_TTL)?);
        } else if asked == labels(&name(&ALL_TYPES)?) {
            packet.answers = vec![self.pointer(name(&ALL_TYPES)?, self.kind()?, TTL)];
        } else {
            return Ok(None);
        }
        packet.build_bytes_vec_compressed().map(Some)
    }

    fn whole(&self, ttl: u32) -> Result<Vec<ResourceRecord<'static>>> {
        Ok(vec![
            self.srv(ttl)?.with_cache_flush(true),
            self.txt(ttl)?.with_cache_flush(true),
            self.pointer(self.kind()?, self.own_name()?, ttl),
            self.pointer(name(&ALL_TYPES)?, self.kind()?, ttl),
        ])
    }

    #[expect(clippy::unused_self, reason = "the pointers of a service")]
    fn pointer(&self, from: Name<'static>, to: Name<'static>, ttl: u32) -> ResourceRecord<'static> {
        ResourceRecord::new(from, CLASS::IN, ttl, RData::PTR(PTR(to)))
    }

    fn srv(&self, ttl: u32) -> Result<ResourceRecord<'static>> {
        let srv = SRV { priority: 0, weight: 0, port: self.port, target: self.host_name()? };
        Ok(ResourceRecord::new(self.own_name()?, CLASS::IN, ttl, RData::SRV(srv)))
    }

    fn txt(&self, ttl: u32) -> Result<ResourceRecord<'static>> {
        let text = TXT::new().with_char_string(CharacterString::new(self.app_id.as_bytes())?.into_owned());
        Ok(ResourceRecord::new(self.own_name()?, CLASS::IN, ttl, RData::TXT(text)))
    }

    fn host_record(&self, ttl: u32) -> Result<ResourceRecord<'static>> {
        let data = match self.address {
            IpAddr::V4(address) => RData::A(address.into()),
            IpAddr::V6(address) => RData::AAAA(address.into()),
        };
        Ok(ResourceRecord::new(self.host_name()?, CLASS::IN, ttl, data))
    }
}

/// What an answer says of apps. A service whose text is not its own app's id is none of Dapr's.
pub(super) fn told(packet: &Packet<'_>) -> Vec<Told> {
    let records = || packet.answers.iter().chain(&packet.name_servers).chain(&packet.additional_records);
    let (mut places, mut texts) = (HashMap::new(), HashMap::new());
    for record in records() {
        match &record.rdata {
            RData::SRV(srv) => drop(places.insert(labels(&record.name), (labels(&srv.target), srv.port, record.ttl))),
            RData::TXT(text) => drop(texts.insert(labels(&record.name), first(text))),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for record in records() {
        let RData::PTR(PTR(instance)) = &record.rdata else { continue };
        let (kind, instance) = (labels(&record.name), labels(instance));
        let [app_id, domain] = &kind[..] else { continue };
        if domain != b"local" || texts.get(&instance) != Some(app_id) {
            continue;
        }
        let (Some((host, port, ttl)), Ok(app_id)) = (places.get(&instance), String::from_utf8(app_id.clone())) else {
            continue;
        };
        let addresses = records().filter(|record| labels(&record.name) == *host).filter_map(address);
        found.extend(addresses.map(|ip| Told {
            app_id: app_id.clone(),
            address: SocketAddr::new(ip, *port),
            gone: record.ttl == 0 || *ttl == 0,
        }));
    }
    found
}

/// The first string of a text.
fn first(text: &TXT<'_>) -> Vec<u8> {
    let Some((key, value)) = text.iter_raw().next() else { return Vec::new() };
    match value {
        Some(value) => [key, b"=", value].concat(),
        None => key.to_vec(),
    }
}

/// The address of a host, if that is what a record has. One that is good on one wire alone cannot be called.
fn address(record: &ResourceRecord<'_>) -> Option<IpAddr> {
    match &record.rdata {
        RData::A(a) => Some(IpAddr::V4(Ipv4Addr::from(a.address))),
        RData::AAAA(aaaa) => {
            Some(Ipv6Addr::from(aaaa.clone())).filter(|ip| !ip.is_unicast_link_local()).map(IpAddr::V6)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> Service {
        Service {
            app_id: "order-processor".into(),
            instance: "box:17".into(),
            host: "box".into(),
            port: 50_002,
            address: [192, 0, 2, 1].into(),
        }
    }

    fn says(record: &ResourceRecord<'_>) -> String {
        let data = match &record.rdata {
            RData::PTR(PTR(to)) => format!("PTR {to}"),
            RData::SRV(srv) => format!("SRV {} {} {} {}", srv.priority, srv.weight, srv.port, srv.target),
            RData::TXT(text) => format!("TXT {:?}", String::from_utf8(first(text)).unwrap()),
            other => format!("{:?} {}", other.type_code(), address(record).unwrap()),
        };
        let flush = if record.cache_flush { " flush" } else { "" };
        format!("{} {}{flush} {data}", record.name, record.ttl)
    }

    fn all(records: &[ResourceRecord<'_>]) -> Vec<String> {
        records.iter().map(says).collect()
    }

    const SRV_RECORD: &str = "box:17.order-processor.local 3200 SRV 0 0 50002 box.local";
    const TXT_RECORD: &str = "box:17.order-processor.local 3200 TXT \"order-processor\"";
    const POINTER: &str = "order-processor.local 3200 PTR box:17.order-processor.local";
    const TYPE_POINTER: &str = "_services._dns-sd._udp.local 3200 PTR order-processor.local";

    fn flushed(record: &str) -> String {
        record.replacen(" 3200 ", " 3200 flush ", 1)
    }

    #[test]
    fn a_service_is_asked_for_by_its_app_id_alone() {
        let bytes = query("order-processor").unwrap();
        let packet = Packet::parse(&bytes).unwrap();
        let [question] = &packet.questions[..] else { panic!("{packet:?}") };
        assert_eq!(question.qname.to_string(), "order-processor.local");
        assert_eq!((question.qtype, question.qclass), (QTYPE::TYPE(TYPE::PTR), QCLASS::CLASS(CLASS::IN)));
        assert!(!question.unicast_response && !packet.has_flags(PacketFlag::RECURSION_DESIRED));
    }

    #[test]
    fn an_announcement_has_the_records_of_dapr_and_a_goodbye_takes_them_back() {
        let bytes = service().announcement().unwrap();
        let packet = Packet::parse(&bytes).unwrap();
        let address = "box.local 120 flush A 192.0.2.1";
        assert_eq!(all(&packet.answers), [&flushed(SRV_RECORD), &flushed(TXT_RECORD), POINTER, TYPE_POINTER, address]);
        assert!(packet.has_flags(PacketFlag::RESPONSE) && packet.questions.is_empty());
        let bytes = service().goodbye().unwrap();
        let packet = Packet::parse(&bytes).unwrap();
        assert!(packet.answers.iter().all(|record| record.ttl == 0));
        assert_eq!(packet.answers.len(), 5);
        let gone = Told { app_id: "order-processor".into(), address: "192.0.2.1:50002".parse().unwrap(), gone: true };
        assert_eq!(told(&packet), [gone]);
    }

    #[test]
    fn a_probe_says_what_it_wants_to_be() {
        let bytes = service().probe().unwrap();
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.questions[0].qname.to_string(), "box:17.order-processor.local");
        assert_eq!(all(&packet.name_servers), [SRV_RECORD, TXT_RECORD]);
    }

    #[test]
    fn each_question_for_a_service_has_its_answer_and_others_have_none() {
        let answer = |parts: &[&str]| {
            let bytes = service().answer(7, &question(name(parts).unwrap())).unwrap()?;
            let packet = Packet::parse(&bytes).unwrap();
            assert_eq!((packet.id(), packet.questions.len()), (7, 0));
            assert!(packet.has_flags(PacketFlag::RESPONSE | PacketFlag::AUTHORITATIVE_ANSWER));
            Some((all(&packet.answers), all(&packet.additional_records)))
        };
        let address = "box.local 120 A 192.0.2.1".to_owned();
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let additional = [owned(&[SRV_RECORD, TXT_RECORD]), vec![address.clone()]].concat();
        assert_eq!(answer(&["order-processor", "local"]), Some((owned(&[POINTER]), additional)));
        let whole = vec![flushed(SRV_RECORD), flushed(TXT_RECORD), POINTER.into(), TYPE_POINTER.into(), address];
        assert_eq!(answer(&["box:17", "order-processor", "local"]), Some((whole, vec![])));
        assert_eq!(answer(&ALL_TYPES), Some((owned(&[TYPE_POINTER]), vec![])));
        for other in [&["Order-Processor", "local"][..], &["checkout", "local"], &["order-processor"]] {
            assert_eq!(answer(other), None, "{other:?}");
        }
    }

    #[test]
    fn an_answer_tells_of_the_app_that_its_text_names_and_of_no_other() {
        let mut other = service();
        let bytes = other.answer(0, &question(other.kind().unwrap())).unwrap().unwrap();
        let found = told(&Packet::parse(&bytes).unwrap());
        let want = Told { app_id: "order-processor".into(), address: "192.0.2.1:50002".parse().unwrap(), gone: false };
        assert_eq!(found, [want]);
        let mut packet = Packet::parse(&bytes).unwrap();
        packet.additional_records[1].rdata = RData::TXT(TXT::new().with_string("Order-Processor").unwrap());
        assert_eq!(told(&packet), []);
        other.address = Ipv6Addr::LOCALHOST.into();
        let bytes = other.answer(0, &question(other.kind().unwrap())).unwrap().unwrap();
        assert_eq!(told(&Packet::parse(&bytes).unwrap())[0].address.to_string(), "[::1]:50002");
    }

    #[test]
    fn a_host_keeps_its_own_domain_and_dots_in_names_begin_labels() {
        let service = Service { instance: "box.shop:17".into(), host: "box.shop.local.".into(), ..service() };
        assert_eq!(service.host_name().unwrap().to_string(), "box.shop.local");
        assert_eq!(service.own_name().unwrap().get_labels().len(), 4);
        assert!(Service { app_id: "x".repeat(64), ..service }.announcement().is_err());
    }
}
