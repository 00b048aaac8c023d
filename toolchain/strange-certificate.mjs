// Plain JavaScript: bring-node.mjs needs it before a Node that runs TypeScript is there.

const complaints = [
  /SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/,
  /self[- ]signed certificate|unable to get local issuer certificate|unable to verify the first certificate/i,
  /x509: certificate signed by unknown authority|certificate is not trusted|CERTIFICATE_VERIFY_FAILED/,
];

/** What to do where a download failed because of who signed the certificate; undefined where it was something else. */
export function strangeCertificate(said) {
  if (!complaints.some((complaint) => complaint.test(said))) return undefined;
  return (
    "Something on the way, most often a company's proxy, shows a certificate that is not known here. Ask for its " +
    'certificate authority as a PEM file, and export NODE_EXTRA_CA_CERTS=FILE (npm), SSL_CERT_FILE=FILE (Go), ' +
    'PIP_CERT=FILE (Python)'
  );
}

/** What a tool said of a download, and below it what helps where that is known. */
export function withHelp(said) {
  const help = strangeCertificate(said);
  return help === undefined ? said : `${said}\n${help}.`;
}
