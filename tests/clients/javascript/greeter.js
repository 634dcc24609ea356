// The Greeter of the quickstarts, with grpc-js: `node greeter.js PORT` serves it.
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const proto = grpc.loadPackageDefinition(loader.loadSync(process.env.PROTO)).helloworld;
export const Greeter = proto.Greeter;

const port = process.argv[2];
if (port) {
  const greet = ({ name }) => ({ message: `Hello ${name}` });
  const server = new grpc.Server();
  server.addService(Greeter.service, {
    sayHello: (call, done) => done(null, greet(call.request)),
    sayHelloBidiStream: (call) => {
      call.on("data", (request) => call.write(greet(request)));
      call.on("end", () => call.end());
    },
  });
  server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) => {
    if (error) throw error;
  });
}
