# Asks a server for its certificate, and shows what of it is to be compared.
#
#   sh certificate.sh deploy.example.com:443 deploy.crt

set -eu
openssl s_client -connect "$1" </dev/null 2>/dev/null | openssl x509 >"$2"
openssl x509 -in "$2" -noout -subject -ext subjectAltName -fingerprint -sha256
