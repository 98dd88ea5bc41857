//! People: the account itself, as others see it, and as the owner of a playlist.

use serde_json::{Map, Value, json};

use super::{Render, extend};
use crate::simulator::content::account::Person;
use crate::simulator::content::ids::IdKind;
use crate::simulator::content::names;
use crate::simulator::rng::Subject;

impl Render<'_> {
    /// `GET /me`.
    pub(in crate::simulator) fn me(&self) -> Value {
        let mut fields = self.person_fields(Person::Me);
        extend(
            &mut fields,
            json!({
                "display_name": self.display_name(Person::Me),
                "account_id": self.id(IdKind::Account, 0),
                "images": [],
            }),
        );
        self.removed(
            &mut fields,
            json!({
                "country": "PT", "email": "marlowe.vane@example.com", "product": "premium",
                "explicit_content": { "filter_enabled": false, "filter_locked": false },
                "followers": { "href": null, "total": 7 },
            }),
        );
        Value::Object(fields)
    }

    /// `GET /users/{id}`.
    pub(in crate::simulator) fn public_user(&self, person: Person) -> Value {
        let mut fields = self.person_fields(person);
        extend(
            &mut fields,
            json!({
                "display_name": self.display_name(person), "images": [],
                "followers": { "href": null, "total": 7 },
            }),
        );
        Value::Object(fields)
    }

    pub(super) fn owner(&self, person: Person) -> Value {
        let mut fields = self.person_fields(person);
        fields.insert("display_name".into(), self.display_name(person).into());
        Value::Object(fields)
    }

    pub(super) fn added_by(&self, person: Person) -> Value {
        Value::Object(self.person_fields(person))
    }

    fn person_fields(&self, person: Person) -> Map<String, Value> {
        let id = person.user_id();
        let mut fields = Map::new();
        extend(
            &mut fields,
            json!({
                "id": id, "type": "user",
                "uri": format!("spotify:user:{id}"),
                "href": format!("{}/users/{id}", self.base),
                "external_urls": super::external_url("user", &id),
            }),
        );
        fields
    }

    /// A person's display name; some have none.
    fn display_name(&self, person: Person) -> Option<String> {
        match person {
            Person::Me => Some("Marlowe Vane".to_owned()),
            Person::Spotify => Some("Spotify".to_owned()),
            Person::Other(number) if number % 7 == 0 => None,
            Person::Other(number) => {
                let mut rng = self.account.catalogue.chance.of(Subject::Person, number.into());
                Some(names::person(&mut rng))
            }
        }
    }
}
