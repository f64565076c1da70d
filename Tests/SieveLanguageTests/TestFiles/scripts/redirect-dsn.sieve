require ["redirect-dsn", "redirect-deliverby"];
redirect :notify "SUCCESS,FAILURE" :ret "HDRS" :bytimerelative 600 :bymode "return" :bytrace "carl@example.com";
