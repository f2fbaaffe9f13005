//! Ed25519 keys, and what they sign: envelopes of DSSE v1 (<https://github.com/secure-systems-lab/dsse>), which any tool reads
//! that reads attestations.

use super::fingerprint;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::{
    pkey::{HasPublic, Id, PKey, PKeyRef, Private, Public},
    sign::{Signer, Verifier},
};
use serde::{Deserialize, Serialize};

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// No PEM block of the wanted sort that can be read without a password.
    NotPem,
    /// A key of another algorithm than Ed25519.
    NotEd25519,
    /// The cryptography library could not make or use the key.
    Library,
}

/// A key that signs. `Debug` hides it.
pub struct SigningKey(PKey<Private>);

/// A key that signatures are checked with.
#[derive(Debug, Clone)]
pub struct PublicKey(PKey<Public>);

/// A statement with the signatures under it, as DSSE writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// What the payload is: a media type.
    pub payload_type: String,
    /// The statement, in Base64.
    pub payload: String,
    /// Who signed it.
    pub signatures: Vec<Signature>,
}

/// One signature of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The key, as [`PublicKey::id`] tells it.
    #[serde(default)]
    pub keyid: String,
    /// The signature, in Base64.
    pub sig: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

impl SigningKey {
    /// Makes a new key.
    pub fn generate() -> Result<Self, KeyError> {
        PKey::generate_ed25519().map(Self).map_err(|_| KeyError::Library)
    }

    /// Reads a private key in PEM (PKCS #8), without a password.
    pub fn of_pem(pem: &str) -> Result<Self, KeyError> {
        // A password would be asked for on the terminal.
        let no_password = |_: &mut [u8]| Ok(0);
        let key = PKey::private_key_from_pem_callback(pem.as_bytes(), no_password);
        let key = key.map_err(|_| KeyError::NotPem)?;
        if key.id() == Id::ED25519 { Ok(Self(key)) } else { Err(KeyError::NotEd25519) }
    }

    /// The key in PEM (PKCS #8), in clear.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        let pem = self.0.private_key_to_pem_pkcs8().map_err(|_| KeyError::Library)?;
        String::from_utf8(pem).map_err(|_| KeyError::Library)
    }

    /// The key that checks what this one signs.
    pub fn public(&self) -> Result<PublicKey, KeyError> {
        let raw = self.0.raw_public_key().map_err(|_| KeyError::Library)?;
        PKey::public_key_from_raw_bytes(&raw, Id::ED25519).map(PublicKey).map_err(|_| KeyError::Library)
    }

    /// Puts a statement into an envelope with its signature.
    pub fn sign(&self, payload_type: &str, statement: &[u8]) -> Result<Envelope, KeyError> {
        let bytes = encoded(payload_type, statement);
        let signed = Signer::new_without_digest(&self.0).and_then(|mut s| s.sign_oneshot_to_vec(&bytes));
        Ok(Envelope {
            payload_type: payload_type.to_owned(),
            payload: STANDARD.encode(statement),
            signatures: vec![Signature {
                keyid: id(&self.0)?,
                sig: STANDARD.encode(signed.map_err(|_| KeyError::Library)?),
            }],
        })
    }
}

impl PublicKey {
    /// Reads a public key in PEM.
    pub fn of_pem(pem: &str) -> Result<Self, KeyError> {
        let key = PKey::public_key_from_pem(pem.as_bytes()).map_err(|_| KeyError::NotPem)?;
        if key.id() == Id::ED25519 { Ok(Self(key)) } else { Err(KeyError::NotEd25519) }
    }

    /// The key in PEM.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        let pem = self.0.public_key_to_pem().map_err(|_| KeyError::Library)?;
        String::from_utf8(pem).map_err(|_| KeyError::Library)
    }

    /// What a signature names it by: the SHA-256 of its DER, in hexadecimal.
    pub fn id(&self) -> Result<String, KeyError> {
        id(&self.0)
    }
}

/// Hash of the public half in DER (SubjectPublicKeyInfo).
fn id<T: HasPublic>(key: &PKeyRef<T>) -> Result<String, KeyError> {
    key.public_key_to_der().map(fingerprint::of_bytes).map_err(|_| KeyError::Library)
}

impl Envelope {
    /// The statement; none where it is no Base64.
    pub fn statement(&self) -> Option<Vec<u8>> {
        STANDARD.decode(&self.payload).ok()
    }

    /// Whether a signature of the envelope is by `key`, under this very payload and type.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let Some(statement) = self.statement() else { return false };
        let bytes = encoded(&self.payload_type, &statement);
        self.signatures.iter().any(|signature| {
            let Ok(sig) = STANDARD.decode(&signature.sig) else { return false };
            let checked =
                Verifier::new_without_digest(&key.0).and_then(|mut v| v.verify_oneshot(&sig, &bytes));
            checked.unwrap_or(false)
        })
    }
}

/// What DSSE signs: the type and the payload, each behind its length.
fn encoded(payload_type: &str, statement: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), statement.len());
    [head.as_bytes(), statement].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_as_the_protocol_says() {
        // The example of the protocol's own text.
        let bytes = encoded("http://example.com/HelloWorld", b"hello world");
        assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn a_signature_holds_for_its_statement_its_type_and_its_key_alone() {
        let key = SigningKey::generate().unwrap();
        let public = PublicKey::of_pem(&key.public().unwrap().to_pem().unwrap()).unwrap();
        let again = SigningKey::of_pem(&key.to_pem().unwrap()).unwrap();
        let envelope = again.sign("text/plain", b"it passed").unwrap();
        assert!(envelope.is_signed_by(&public));
        assert_eq!(envelope.signatures[0].keyid, public.id().unwrap());
        let other = SigningKey::generate().unwrap().public().unwrap();
        assert!(!envelope.is_signed_by(&other));
        let payload = STANDARD.encode(b"it failed");
        assert!(!Envelope { payload, ..envelope.clone() }.is_signed_by(&public));
        let payload_type = "text/html".to_owned();
        assert!(!Envelope { payload_type, ..envelope.clone() }.is_signed_by(&public));
        let signatures = vec![Signature { sig: "none".to_owned(), keyid: String::new() }];
        assert!(!Envelope { signatures, ..envelope }.is_signed_by(&public));
    }

    #[test]
    fn what_is_no_key_is_told() {
        let rsa = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
        let pem = String::from_utf8(rsa.private_key_to_pem_pkcs8().unwrap()).unwrap();
        assert_eq!(SigningKey::of_pem(&pem).unwrap_err(), KeyError::NotEd25519);
        assert_eq!(SigningKey::of_pem("ssh-ed25519 AAAA").unwrap_err(), KeyError::NotPem);
        let public = SigningKey::generate().unwrap().public().unwrap().to_pem().unwrap();
        assert_eq!(SigningKey::of_pem(&public).unwrap_err(), KeyError::NotPem);
        assert_eq!(PublicKey::of_pem("").unwrap_err(), KeyError::NotPem);
        let cipher = openssl::symm::Cipher::aes_256_cbc();
        let locked =
            SigningKey::generate().unwrap().0.private_key_to_pem_pkcs8_passphrase(cipher, b"x").unwrap();
        let locked = String::from_utf8(locked).unwrap();
        assert_eq!(SigningKey::of_pem(&locked).unwrap_err(), KeyError::NotPem);
    }
}
