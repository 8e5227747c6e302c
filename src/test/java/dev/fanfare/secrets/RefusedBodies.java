package dev.fanfare.secrets;

import java.util.List;

/** Bodies with a secret in them that no resource takes; quotes are single ones. */
final class RefusedBodies {
    private static final String SINK = "{'sink':'https://hooks.example/',";
    private static final String CREDENTIAL = SINK + "'sinkcredential':";

    private final Secrets secrets;

    RefusedBodies(Secrets secrets) {
        this.secrets = secrets;
    }

    List<String> all() {
        return List.of(
                "{'sink':'https://user:" + password() + "@hooks.example/'}",
                "{'sink':'https://user:" + password() + "@hooks example/'}",
                SINK + "'protocolsettings':{'secret':'" + password() + "'}}",
                SINK + "'protocolsettings':{'secret':'" + secrets.signing("short secret", 21) + "'}}",
                SINK + "'protocolsettings':{'secret':'whsec_%" + password() + "'}}",
                SINK + "'protocolsettings':{'headers':{'X-Api-Key':'" + password() + "'}}}",
                SINK + "'protocolsettings':{'headers':{'Authorization':'Bearer " + password() + "'}}}",
                CREDENTIAL + "'" + password() + "'}",
                CREDENTIAL + "['" + password() + "']}",
                CREDENTIAL + "{'credentialtype':'" + password() + "'}}",
                CREDENTIAL + "{'credentialtype':'REFRESHTOKEN','refreshtoken':'" + password() + "'}}",
                CREDENTIAL + "{'credentialtype':'PLAIN','identifier':'a:b','secret':'" + password() + "'}}",
                CREDENTIAL + "{'credentialtype':'PLAIN','identifier':'a','secret':'" + password() + "\\u0007'}}",
                CREDENTIAL + "{'credentialtype':'PLAIN','identifier':'a','secret':'" + password() + "','more':1}}",
                CREDENTIAL + "{'credentialtype':'ACCESSTOKEN','accesstoken':'" + password() + " and more'}}",
                CREDENTIAL + "{'credentialtype':'HEADER','name':'X-Api-Key','value':'" + password() + "ü'}}",
                CREDENTIAL + "{'credentialtype':'HEADER','name':'Host','value':'" + password() + "'}}",
                CREDENTIAL + "{'credentialtype':'PLAIN','identifier':'a','secret':'" + password(),
                CREDENTIAL + "{'credentialtype':'PLAIN','identifier':'a','secret':" + password() + "}}",
                CREDENTIAL + "{'credentialtype':'PLAIN','identifier':'a','secret':'" + password() + "\\q'}}",
                "{'secret':'" + password() + "','secret':'" + password() + "'}",
                "{'subscription':'" + password() + "'}",
                "{'deliveries':['" + password() + "']}",
                "{} " + password(),
                "'" + password() + "'");
    }

    private String password() {
        return secrets.random("secret in a refused body");
    }
}
