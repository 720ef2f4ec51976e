#!/bin/sh
# Makes the throw-away certificates of the TLS tests anew, in this folder. Needs openssl; the tests themselves do not.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ec_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
from=20250101000000Z
to=21240101000000Z
printf '[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=%s\ndatabase=%s/index.txt\nrand_serial=yes\nunique_subject=no\npolicy=p\ndefault_md=sha256\n[p]\nCN=supplied\n' \
  "$work" "$work" > "$work/ca.cnf"

# sign NAME KEY EXTENSIONS HOW...
sign() {
  name=$1 key=$2
  printf '%b\n' "$3" > "$work/ext"
  shift 3
  openssl req -new -key "$key" -subj "/CN=$name" -out "$work/csr"
  : > "$work/index.txt"
  openssl ca -batch -notext -config "$work/ca.cnf" -in "$work/csr" -extfile "$work/ext" -startdate $from -enddate $to \
    -out "$work/$name.crt" "$@"
}

authority='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign'
for name in ca other_ca; do
  ec_key "$work/$name.key"
  sign $name "$work/$name.key" "$authority" -selfsign -keyfile "$work/$name.key"
  cp "$work/$name.crt" $name.crt
done
by_ca="-cert ca.crt -keyfile $work/ca.key"

here='subjectAltName=DNS:localhost,DNS:*.wild.test,IP:127.0.0.1,IP:::1'
openssl genrsa -out rsa.key 2048
ec_key ec.key
openssl pkcs8 -topk8 -nocrypt -in ec.key -out ec_pkcs8.key
sign rsa rsa.key "$here" $by_ca
sign ec ec.key "$here" $by_ca
sign other_name ec.key subjectAltName=DNS:other.test,IP:192.0.2.1 $by_ca
for leaf in rsa ec other_name; do cp "$work/$leaf.crt" $leaf.crt; done

# A chain with an RSA intermediate.
openssl genrsa -out "$work/middle.key" 2048
sign middle "$work/middle.key" "$authority" $by_ca
sign under_middle ec.key "$here" -cert "$work/middle.crt" -keyfile "$work/middle.key"
cat "$work/under_middle.crt" "$work/middle.crt" > chain.crt
chmod 644 -- *.key
